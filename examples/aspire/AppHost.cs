// The AppHost of a .NET Aspire solution: `dotnet add package Aspire.Hosting.AppHost`.
var builder = DistributedApplication.CreateBuilder(args);

var pinstripe = builder.AddContainer("pinstripe", "pinstripe")
    .WithHttpEndpoint(targetPort: 12111, name: "http")
    .WithHttpHealthCheck("/healthz")
    .WithArgs("--fixtures", "@shop");

// The shop makes its client with: new StripeClient(key, apiBase: configuration["STRIPE_API_BASE"], filesBase: …)
builder.AddProject<Projects.Shop>("shop")
    .WithEnvironment("STRIPE_API_BASE", pinstripe.GetEndpoint("http"))
    .WithEnvironment("STRIPE_SECRET_KEY", "sk_test_123")
    .WaitFor(pinstripe);

builder.Build().Run();
