ALTER TABLE "BulkItems" ADD "Generation" INTEGER NULL;

ALTER TABLE "BulkRuns" ADD "AuditId" INTEGER NULL;

CREATE INDEX "IX_Events_Subject" ON "Events" ("Subject");
