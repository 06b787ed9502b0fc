CREATE TABLE "BulkItems" (
    "RunId" text NOT NULL,
    "ActionId" text NOT NULL,
    "Service" text NOT NULL,
    "Result" text,
    "IsAccepted" boolean NOT NULL,
    CONSTRAINT "PK_BulkItems" PRIMARY KEY ("RunId", "ActionId")
);

CREATE TABLE "BulkRuns" (
    "Id" text NOT NULL,
    "At" bigint NOT NULL,
    "Actor" text NOT NULL,
    "Operation" text NOT NULL,
    "Filter" text NOT NULL,
    "Reason" text,
    CONSTRAINT "PK_BulkRuns" PRIMARY KEY ("Id")
);
