CREATE TABLE "EventHours" ("Hour" bigint PRIMARY KEY, "Count" bigint NOT NULL);
CREATE TABLE "ActionHours" (
    "Hour" bigint, "Service" text, "Rule" text, "Outcome" text, "Count" bigint NOT NULL, PRIMARY KEY ("Hour", "Service", "Rule", "Outcome"));
ALTER TABLE "Actions" ADD COLUMN "EventTime" bigint;
CREATE INDEX "IX_Changes_Waiting" ON "Changes" ("ActionId", "Time") WHERE "Status" = 'waiting';

INSERT INTO "EventHours" SELECT "Time" / 36000000000, COUNT(*) FROM "Events" GROUP BY 1;
UPDATE "Actions" SET "EventTime" = "Events"."Time" FROM "Events" WHERE "Key" = "EventKey";
CREATE INDEX "IX_Actions_Latency" ON "Actions" ("UpdatedAt", "Service", "Rule", "StartedAt", "EventTime") WHERE "Status" = 'succeeded' AND "EventTime" IS NOT NULL;
INSERT INTO "ActionHours" SELECT "UpdatedAt" / 36000000000, "Service", "Rule", "Status", COUNT(*) FROM "Actions" GROUP BY 1, 2, 3, 4;
INSERT INTO "ActionHours" SELECT "Time" / 36000000000, "Service", "Rule", 'held-back', COUNT(DISTINCT "ActionId") FROM "Changes" WHERE "Status" = 'waiting' GROUP BY 1, 2, 3;

CREATE FUNCTION "CountEvents"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO "EventHours" SELECT "Time" / 36000000000, COUNT(*) FROM added GROUP BY 1 ORDER BY 1
        ON CONFLICT ("Hour") DO UPDATE SET "Count" = "EventHours"."Count" + excluded."Count";
        UPDATE "Actions" SET "EventTime" = added."Time" FROM added WHERE "EventKey" = added."Key";
    ELSE
        INSERT INTO "EventHours" SELECT "Time" / 36000000000, -COUNT(*) FROM removed GROUP BY 1 ORDER BY 1
        ON CONFLICT ("Hour") DO UPDATE SET "Count" = "EventHours"."Count" + excluded."Count";
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "Events_Inserted" AFTER INSERT ON "Events" REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "CountEvents"();
CREATE TRIGGER "Events_Deleted" AFTER DELETE ON "Events" REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION "CountEvents"();

CREATE FUNCTION "AddActionHours"(hours bigint[], services text[], rules text[], outcomes text[], counts bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO "ActionHours"
    SELECT hour, service, rule, outcome, SUM(count) FROM unnest(hours, services, rules, outcomes, counts) AS change(hour, service, rule, outcome, count)
    GROUP BY 1, 2, 3, 4 HAVING SUM(count) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT ("Hour", "Service", "Rule", "Outcome") DO UPDATE SET "Count" = "ActionHours"."Count" + excluded."Count";
$$;
CREATE FUNCTION "CountActions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM "AddActionHours"(array_agg("UpdatedAt" / 36000000000), array_agg("Service"), array_agg("Rule"), array_agg("Status"), array_agg(1::bigint)) FROM added;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM "AddActionHours"(array_agg("UpdatedAt" / 36000000000), array_agg("Service"), array_agg("Rule"), array_agg("Status"), array_agg(-1::bigint)) FROM removed;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION "FindEventTime"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW."EventTime" := (SELECT "Time" FROM "Events" WHERE "Key" = NEW."EventKey");
    RETURN NEW;
END $$;
CREATE TRIGGER "Actions_EventTime" BEFORE INSERT ON "Actions" FOR EACH ROW EXECUTE FUNCTION "FindEventTime"();
CREATE TRIGGER "Actions_Inserted" AFTER INSERT ON "Actions" REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "CountActions"();
CREATE TRIGGER "Actions_Updated" AFTER UPDATE ON "Actions" REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "CountActions"();
CREATE TRIGGER "Actions_Deleted" AFTER DELETE ON "Actions" REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION "CountActions"();

CREATE FUNCTION "CountHeldBack"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM "AddActionHours"(array_agg(hour), array_agg("Service"), array_agg("Rule"), array_agg('held-back'::text), array_agg(1::bigint))
        FROM (SELECT DISTINCT "Time" / 36000000000 AS hour, "Service", "Rule", "ActionId" FROM added WHERE "Status" = 'waiting') AS held
        WHERE NOT EXISTS (
            SELECT 1 FROM "Changes" AS other WHERE other."ActionId" = held."ActionId" AND other."Status" = 'waiting' AND other."Time" / 36000000000 = held.hour
            AND other."Id" NOT IN (SELECT "Id" FROM added));
    ELSE
        PERFORM "AddActionHours"(array_agg(hour), array_agg("Service"), array_agg("Rule"), array_agg('held-back'::text), array_agg(-1::bigint))
        FROM (SELECT DISTINCT "Time" / 36000000000 AS hour, "Service", "Rule", "ActionId" FROM removed WHERE "Status" = 'waiting') AS held
        WHERE NOT EXISTS (
            SELECT 1 FROM "Changes" AS other WHERE other."ActionId" = held."ActionId" AND other."Status" = 'waiting' AND other."Time" / 36000000000 = held.hour);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "Changes_Inserted" AFTER INSERT ON "Changes" REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "CountHeldBack"();
CREATE TRIGGER "Changes_Deleted" AFTER DELETE ON "Changes" REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION "CountHeldBack"();
