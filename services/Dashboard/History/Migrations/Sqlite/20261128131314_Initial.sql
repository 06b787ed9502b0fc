CREATE TABLE "Actions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Actions" PRIMARY KEY,
    "Service" TEXT NOT NULL,
    "Rule" TEXT NOT NULL,
    "RuleVersion" TEXT NOT NULL,
    "Status" TEXT NOT NULL,
    "Stage" TEXT NOT NULL,
    "Attempt" INTEGER NOT NULL,
    "Generation" INTEGER NOT NULL,
    "CorrelationId" TEXT NOT NULL,
    "EventKey" TEXT NOT NULL,
    "EventId" TEXT NOT NULL,
    "EventType" TEXT NOT NULL,
    "EventSubject" TEXT NOT NULL,
    "Detail" TEXT NULL,
    "Links" TEXT NOT NULL,
    "StartedAt" INTEGER NOT NULL,
    "UpdatedAt" INTEGER NOT NULL,
    "Rank" INTEGER NOT NULL
);

CREATE TABLE "Audit" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Audit" PRIMARY KEY AUTOINCREMENT,
    "At" INTEGER NOT NULL,
    "Actor" TEXT NOT NULL,
    "Operation" TEXT NOT NULL,
    "Target" TEXT NOT NULL,
    "Result" TEXT NOT NULL
);

CREATE TABLE "Changes" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Changes" PRIMARY KEY,
    "ActionId" TEXT NOT NULL,
    "Service" TEXT NOT NULL,
    "Rule" TEXT NOT NULL,
    "Status" TEXT NOT NULL,
    "Stage" TEXT NOT NULL,
    "Attempt" INTEGER NOT NULL,
    "Generation" INTEGER NOT NULL,
    "CorrelationId" TEXT NOT NULL,
    "Detail" TEXT NULL,
    "Time" INTEGER NOT NULL
);

CREATE TABLE "Events" (
    "Seq" INTEGER NOT NULL CONSTRAINT "PK_Events" PRIMARY KEY AUTOINCREMENT,
    "Key" TEXT NOT NULL,
    "Id" TEXT NULL,
    "Source" TEXT NOT NULL,
    "Type" TEXT NOT NULL,
    "Subject" TEXT NOT NULL,
    "Workspace" TEXT NOT NULL,
    "Model" TEXT NOT NULL,
    "ModelVersion" TEXT NOT NULL,
    "Time" INTEGER NOT NULL,
    "ReceivedAt" INTEGER NOT NULL,
    "CorrelationId" TEXT NOT NULL,
    "Envelope" TEXT NOT NULL
);

CREATE TABLE "ProtectionKeys" (
    "Name" TEXT NOT NULL CONSTRAINT "PK_ProtectionKeys" PRIMARY KEY,
    "Xml" TEXT NOT NULL
);

CREATE TABLE "RuleFiles" (
    "Service" TEXT NOT NULL,
    "Version" TEXT NOT NULL,
    "Path" TEXT NOT NULL,
    "Content" TEXT NOT NULL,
    CONSTRAINT "PK_RuleFiles" PRIMARY KEY ("Service", "Version", "Path")
);

CREATE TABLE "RuleLoads" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_RuleLoads" PRIMARY KEY,
    "Service" TEXT NOT NULL,
    "Version" TEXT NOT NULL,
    "At" INTEGER NOT NULL
);

CREATE INDEX "IX_Actions_CorrelationId" ON "Actions" ("CorrelationId");

CREATE INDEX "IX_Actions_EventKey" ON "Actions" ("EventKey");

CREATE INDEX "IX_Actions_Status_UpdatedAt" ON "Actions" ("Status", "UpdatedAt");

CREATE INDEX "IX_Actions_UpdatedAt" ON "Actions" ("UpdatedAt");

CREATE INDEX "IX_Audit_At" ON "Audit" ("At");

CREATE INDEX "IX_Changes_ActionId" ON "Changes" ("ActionId");

CREATE INDEX "IX_Changes_CorrelationId" ON "Changes" ("CorrelationId");

CREATE INDEX "IX_Changes_Time" ON "Changes" ("Time");

CREATE INDEX "IX_Events_CorrelationId" ON "Events" ("CorrelationId");

CREATE INDEX "IX_Events_Id" ON "Events" ("Id");

CREATE UNIQUE INDEX "IX_Events_Key" ON "Events" ("Key");

CREATE INDEX "IX_Events_Model_Seq" ON "Events" ("Model", "Seq");

CREATE INDEX "IX_Events_Time" ON "Events" ("Time");

CREATE INDEX "IX_Events_Type_Seq" ON "Events" ("Type", "Seq");

CREATE INDEX "IX_Events_Workspace_Seq" ON "Events" ("Workspace", "Seq");

CREATE INDEX "IX_RuleLoads_Service_At" ON "RuleLoads" ("Service", "At");

CREATE VIRTUAL TABLE "EventTerms" USING fts5("Terms", content='', contentless_delete=1, detail=none, tokenize="unicode61 remove_diacritics 0");
