// The tests without this trait run in a few minutes: dotnet test --filter-not-trait "speed=slow" --ignore-exit-code 8.
[assembly: Trait("speed", "slow")]
