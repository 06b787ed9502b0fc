namespace MLEvents.Local.Host.Tests;

public sealed class PortsTests
{
    [Fact]
    public void Services_simulator_and_mail_server_have_the_ports_of_the_readme()
    {
        var ports = new Ports(Ports.DefaultBase);

        Assert.Equal([5100, 5101, 5102, 5103, 5104], Enum.GetValues<ServiceId>().Select(ports.For));
        Assert.Equal((5110, 5125), (ports.Simulator, ports.Smtp));
    }

    [Fact]
    public void No_two_listeners_share_a_port_and_all_ports_are_less_than_100_above_the_base()
    {
        var all = new Ports(Ports.MaxBase).All(daprd: true).Select(port => port.Port).ToList();

        Assert.Equal(27, all.Distinct().Count());
        Assert.All(all, port => Assert.InRange(port, Ports.MaxBase, Math.Min(Ports.MaxBase + 99, 65_535)));
    }
}
