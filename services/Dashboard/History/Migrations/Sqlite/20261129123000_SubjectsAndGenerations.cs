using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLEvents.Dashboard.History.Migrations.Sqlite
{
    /// <summary>Adds an index for prefixes of subjects, the generation of each action of a bulk run, and the id of the run's audit entry.</summary>
    /// <remarks>The index is not part of the model, because the statement that uses it is written in SQL.</remarks>
    [DbContext(typeof(SqliteHistoryContext))]
    [Migration("20261129123000_SubjectsAndGenerations")]
    public partial class SubjectsAndGenerations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(name: "Generation", table: "BulkItems", type: "INTEGER", nullable: true);
            migrationBuilder.AddColumn<long>(name: "AuditId", table: "BulkRuns", type: "INTEGER", nullable: true);
            migrationBuilder.Sql("""CREATE INDEX "IX_Events_Subject" ON "Events" ("Subject")""");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DROP INDEX "IX_Events_Subject" """);
            migrationBuilder.DropColumn(name: "AuditId", table: "BulkRuns");
            migrationBuilder.DropColumn(name: "Generation", table: "BulkItems");
        }
    }
}
