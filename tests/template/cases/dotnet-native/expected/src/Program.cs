await Example.Runtime.RunAsync(Example.Handler.Answer);
