ALTER TABLE "BulkItems" ADD "Generation" integer;

ALTER TABLE "BulkRuns" ADD "AuditId" bigint;

CREATE INDEX "IX_Events_Subject" ON "Events" (left("Subject", 200) text_pattern_ops);
