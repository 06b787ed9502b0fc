namespace MLEvents.Tests.Common.Fuzzing;

/// <summary>Valid inputs that the fuzz tests of several projects change.</summary>
public static class FuzzCorpus
{
    /// <summary>Bodies of the webhook: the Event Grid schema, one CloudEvent, and a batch of CloudEvents.</summary>
    public static IReadOnlyList<byte[]> Events { get; } =
    [
        """[{"id":"1","topic":"/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w","subject":"experiments/e/runs/r","eventType":"Microsoft.MachineLearningServices.RunCompleted","eventTime":"2026-11-01T00:00:00Z","data":{"runTags":{"a":"b"},"n":1.0},"dataVersion":"1.0"}]"""u8.ToArray(),
        """{"specversion":"1.0","id":"1","source":"/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w","type":"Microsoft.MachineLearningServices.ModelRegistered","time":"2026-11-01T00:00:00Z","data":{"modelName":"m"},"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"""u8.ToArray(),
        """[{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"AAAA"},{"specversion":"1.0","id":"2","source":"/s","type":"t","datacontenttype":"text/plain","data":"x"}]"""u8.ToArray(),
    ];

    /// <summary>Templates with filters, loops and conditions.</summary>
    public static IReadOnlyList<byte[]> Templates { get; } =
    [
        "{{ data.modelName | upcase }} {% for tag in data.tags %}{{ tag[0] }}={{ tag[1] }}{% endfor %}"u8.ToArray(),
        "{% if data.driftCoefficient > 0.3 %}{{ data.driftCoefficient | round: 2 }}{% else %}{{ id | default: 'x' }}{% endif %}"u8.ToArray(),
        "{% assign a = subject | split: '/' %}{{ a | last | json }}{{ time | date: '%Y' }}"u8.ToArray(),
    ];
}
