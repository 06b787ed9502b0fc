CREATE TABLE "BulkItems" (
    "RunId" TEXT NOT NULL,
    "ActionId" TEXT NOT NULL,
    "Service" TEXT NOT NULL,
    "Result" TEXT NULL,
    "IsAccepted" INTEGER NOT NULL,
    CONSTRAINT "PK_BulkItems" PRIMARY KEY ("RunId", "ActionId")
);

CREATE TABLE "BulkRuns" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_BulkRuns" PRIMARY KEY,
    "At" INTEGER NOT NULL,
    "Actor" TEXT NOT NULL,
    "Operation" TEXT NOT NULL,
    "Filter" TEXT NOT NULL,
    "Reason" TEXT NULL
);
