// A client for Lambda's runtime API that calls Assembly::Namespace.Class::Method, which takes and gives a Stream.
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json.Nodes;

var parts = args[0].Split("::");
var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath($"/var/task/{parts[0]}.dll");
var type = assembly.GetType(parts[1], throwOnError: true)!;
var method = type.GetMethod(parts[2]) ?? throw new MissingMethodException(parts[1], parts[2]);
var target = method.IsStatic ? null : Activator.CreateInstance(type);

var host = Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API");
var address = $"http://{host}/2018-06-01/runtime/invocation";
using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
while (true)
{
    using var next = await client.GetAsync($"{address}/next");
    var id = next.Headers.GetValues("Lambda-Runtime-Aws-Request-Id").Single();
    try
    {
        var answer = (Stream)method.Invoke(target, [await next.Content.ReadAsStreamAsync()])!;
        using var sent = await client.PostAsync($"{address}/{id}/response", new StreamContent(answer));
    }
    catch (TargetInvocationException error)
    {
        Console.Error.WriteLine(error.InnerException);
        var report = new JsonObject { ["errorMessage"] = error.InnerException?.Message, ["errorType"] = "Error" };
        using var sent = await client.PostAsync($"{address}/{id}/error", new StringContent(report.ToJsonString()));
    }
}
