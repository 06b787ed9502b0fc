CREATE TABLE "EventHours" ("Hour" INTEGER NOT NULL PRIMARY KEY, "Count" INTEGER NOT NULL);
CREATE TABLE "ActionHours" (
    "Hour" INTEGER NOT NULL, "Service" TEXT NOT NULL, "Rule" TEXT NOT NULL, "Outcome" TEXT NOT NULL, "Count" INTEGER NOT NULL,
    PRIMARY KEY ("Hour", "Service", "Rule", "Outcome")) WITHOUT ROWID;
ALTER TABLE "Actions" ADD COLUMN "EventTime" INTEGER;
CREATE INDEX "IX_Changes_Waiting" ON "Changes" ("ActionId", "Time") WHERE "Status" = 'waiting';

INSERT INTO "EventHours" SELECT "Time" / 36000000000, COUNT(*) FROM "Events" GROUP BY 1;
UPDATE "Actions" SET "EventTime" = (SELECT "Time" FROM "Events" WHERE "Key" = "Actions"."EventKey");
CREATE INDEX "IX_Actions_Latency" ON "Actions" ("UpdatedAt", "Service", "Rule", "StartedAt", "EventTime") WHERE "Status" = 'succeeded' AND "EventTime" IS NOT NULL;
INSERT INTO "ActionHours" SELECT "UpdatedAt" / 36000000000, "Service", "Rule", "Status", COUNT(*) FROM "Actions" GROUP BY 1, 2, 3, 4;
INSERT INTO "ActionHours" SELECT "Time" / 36000000000, "Service", "Rule", 'held-back', COUNT(DISTINCT "ActionId") FROM "Changes" WHERE "Status" = 'waiting' GROUP BY 1, 2, 3;

CREATE TRIGGER "Events_Inserted" AFTER INSERT ON "Events" BEGIN
    INSERT INTO "EventHours" VALUES (NEW."Time" / 36000000000, 1) ON CONFLICT DO UPDATE SET "Count" = "Count" + 1;
    UPDATE "Actions" SET "EventTime" = NEW."Time" WHERE "EventKey" = NEW."Key";
END;
CREATE TRIGGER "Events_Deleted" AFTER DELETE ON "Events" BEGIN
    UPDATE "EventHours" SET "Count" = "Count" - 1 WHERE "Hour" = OLD."Time" / 36000000000;
END;

CREATE TRIGGER "Actions_Inserted" AFTER INSERT ON "Actions" BEGIN
    INSERT INTO "ActionHours" VALUES (NEW."UpdatedAt" / 36000000000, NEW."Service", NEW."Rule", NEW."Status", 1) ON CONFLICT DO UPDATE SET "Count" = "Count" + 1;
    UPDATE "Actions" SET "EventTime" = (SELECT "Time" FROM "Events" WHERE "Key" = NEW."EventKey") WHERE "Id" = NEW."Id";
END;
CREATE TRIGGER "Actions_Updated" AFTER UPDATE OF "UpdatedAt", "Service", "Rule", "Status" ON "Actions" BEGIN
    UPDATE "ActionHours" SET "Count" = "Count" - 1
    WHERE "Hour" = OLD."UpdatedAt" / 36000000000 AND "Service" = OLD."Service" AND "Rule" = OLD."Rule" AND "Outcome" = OLD."Status";
    INSERT INTO "ActionHours" VALUES (NEW."UpdatedAt" / 36000000000, NEW."Service", NEW."Rule", NEW."Status", 1) ON CONFLICT DO UPDATE SET "Count" = "Count" + 1;
END;
CREATE TRIGGER "Actions_Deleted" AFTER DELETE ON "Actions" BEGIN
    UPDATE "ActionHours" SET "Count" = "Count" - 1
    WHERE "Hour" = OLD."UpdatedAt" / 36000000000 AND "Service" = OLD."Service" AND "Rule" = OLD."Rule" AND "Outcome" = OLD."Status";
END;

CREATE TRIGGER "Changes_Inserted" AFTER INSERT ON "Changes"
WHEN NEW."Status" = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM "Changes" WHERE "ActionId" = NEW."ActionId" AND "Status" = 'waiting' AND "Time" / 36000000000 = NEW."Time" / 36000000000 AND "Id" <> NEW."Id")
BEGIN
    INSERT INTO "ActionHours" VALUES (NEW."Time" / 36000000000, NEW."Service", NEW."Rule", 'held-back', 1) ON CONFLICT DO UPDATE SET "Count" = "Count" + 1;
END;
CREATE TRIGGER "Changes_Deleted" AFTER DELETE ON "Changes"
WHEN OLD."Status" = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM "Changes" WHERE "ActionId" = OLD."ActionId" AND "Status" = 'waiting' AND "Time" / 36000000000 = OLD."Time" / 36000000000)
BEGIN
    UPDATE "ActionHours" SET "Count" = "Count" - 1
    WHERE "Hour" = OLD."Time" / 36000000000 AND "Service" = OLD."Service" AND "Rule" = OLD."Rule" AND "Outcome" = 'held-back';
END;
