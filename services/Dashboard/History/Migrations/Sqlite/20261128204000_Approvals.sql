CREATE TABLE "Decisions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Decisions" PRIMARY KEY,
    "QuestionId" TEXT NOT NULL,
    "Decision" TEXT NOT NULL,
    "DecidedBy" TEXT NOT NULL,
    "Comment" TEXT NULL,
    "At" INTEGER NOT NULL,
    "IsFinal" INTEGER NOT NULL
);

CREATE TABLE "Questions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Questions" PRIMARY KEY,
    "ActionId" TEXT NOT NULL,
    "Generation" INTEGER NOT NULL,
    "Service" TEXT NOT NULL,
    "Rule" TEXT NOT NULL,
    "CorrelationId" TEXT NOT NULL,
    "EventKey" TEXT NOT NULL,
    "EventType" TEXT NOT NULL,
    "EventSubject" TEXT NOT NULL,
    "AskedPeople" TEXT NOT NULL,
    "Before" TEXT NOT NULL,
    "Evidence" TEXT NOT NULL,
    "Links" TEXT NOT NULL,
    "AskedAt" INTEGER NOT NULL,
    "ExpiresAt" INTEGER NOT NULL,
    "OnTimeout" TEXT NOT NULL,
    "Required" INTEGER NOT NULL
);

CREATE INDEX "IX_Decisions_At" ON "Decisions" ("At");

CREATE INDEX "IX_Decisions_QuestionId" ON "Decisions" ("QuestionId");

CREATE INDEX "IX_Questions_AskedAt" ON "Questions" ("AskedAt");

CREATE INDEX "IX_Questions_ExpiresAt" ON "Questions" ("ExpiresAt");

CREATE INDEX "IX_Actions_Service_Rule_UpdatedAt" ON "Actions" ("Service", "Rule", "UpdatedAt");
