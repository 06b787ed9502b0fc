using System.Security.Cryptography;
using System.Text;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Tests.History;

/// <summary>The search terms of events are stored in the database. If a later version computed other terms for the same text, a search would not find older events.</summary>
public sealed class SearchTermsTests
{
    [Theory]
    [InlineData("data.RunStatus", "Failed", "data.runstatus=failed")]
    [InlineData("data.tags.Größe", "ÄÖ", "data.tags.größe=äö")]
    [InlineData("data.n", "", "data.n=")]
    [InlineData("data.broken", "a\ud800b", "data.broken=a\ud800b")]
    public void The_term_of_a_path_and_its_value_is_a_hash_of_their_text_in_lower_case(string path, string value, string text) =>
        Assert.Equal($"x{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 10))}", SearchTerms.PathValue(path, value));

    [Fact]
    public void A_long_value_is_hashed_as_a_whole() =>
        Assert.NotEqual(SearchTerms.PathValue("data.text", new string('x', 100_000)), SearchTerms.PathValue("data.text", new string('x', 99_999)));

    [Theory]
    [InlineData("Experiments/prod-Churn", "experiments", "prod", "churn")]
    [InlineData("ÄRGER, ärger; 42", "ärger", "42")]
    [InlineData("")]
    [InlineData("--")]
    public void Words_are_letters_and_digits_in_lower_case(string text, params string[] words) =>
        Assert.Equal(words, SearchTerms.Words(text));

    [Fact]
    public void A_word_is_cut_after_40_characters() =>
        Assert.Equal([new string('a', 40)], SearchTerms.Words(new string('A', 41)));
}
