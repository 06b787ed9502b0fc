CREATE TABLE "Decisions" (
    "Id" text NOT NULL,
    "QuestionId" text NOT NULL,
    "Decision" text NOT NULL,
    "DecidedBy" text NOT NULL,
    "Comment" text,
    "At" bigint NOT NULL,
    "IsFinal" boolean NOT NULL,
    CONSTRAINT "PK_Decisions" PRIMARY KEY ("Id")
);

CREATE TABLE "Questions" (
    "Id" text NOT NULL,
    "ActionId" text NOT NULL,
    "Generation" integer NOT NULL,
    "Service" text NOT NULL,
    "Rule" text NOT NULL,
    "CorrelationId" text NOT NULL,
    "EventKey" text NOT NULL,
    "EventType" text NOT NULL,
    "EventSubject" text NOT NULL,
    "AskedPeople" text NOT NULL,
    "Before" text NOT NULL,
    "Evidence" text NOT NULL,
    "Links" text NOT NULL,
    "AskedAt" bigint NOT NULL,
    "ExpiresAt" bigint NOT NULL,
    "OnTimeout" text NOT NULL,
    "Required" integer NOT NULL,
    CONSTRAINT "PK_Questions" PRIMARY KEY ("Id")
);

CREATE INDEX "IX_Decisions_At" ON "Decisions" ("At");

CREATE INDEX "IX_Decisions_QuestionId" ON "Decisions" ("QuestionId");

CREATE INDEX "IX_Questions_AskedAt" ON "Questions" ("AskedAt");

CREATE INDEX "IX_Questions_ExpiresAt" ON "Questions" ("ExpiresAt");

CREATE INDEX "IX_Actions_Service_Rule_UpdatedAt" ON "Actions" ("Service", "Rule", "UpdatedAt");
