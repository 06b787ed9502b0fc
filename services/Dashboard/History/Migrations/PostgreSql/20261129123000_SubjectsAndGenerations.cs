using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLEvents.Dashboard.History.Migrations.PostgreSql
{
    /// <summary>Adds an index for prefixes of subjects, the generation of each action of a bulk run, and the id of the run's audit entry.</summary>
    /// <remarks>
    /// The index is not part of the model, because the model cannot describe an index on an expression. The index contains 200 characters of each subject, because PostgreSQL refuses
    /// index entries of more than 2,704 bytes.
    /// </remarks>
    [DbContext(typeof(PostgreSqlHistoryContext))]
    [Migration("20261129123000_SubjectsAndGenerations")]
    public partial class SubjectsAndGenerations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(name: "Generation", table: "BulkItems", type: "integer", nullable: true);
            migrationBuilder.AddColumn<long>(name: "AuditId", table: "BulkRuns", type: "bigint", nullable: true);
            migrationBuilder.Sql("""CREATE INDEX "IX_Events_Subject" ON "Events" (left("Subject", 200) text_pattern_ops)""");
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
