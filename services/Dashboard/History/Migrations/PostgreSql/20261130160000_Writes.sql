-- The number of transactions that all replicas have written. Open pages read it. Without an index, an update changes only the page of the row.
CREATE TABLE "Writes" ("Count" bigint NOT NULL);

INSERT INTO "Writes" VALUES (0);
