// A gateway: `Gateway.exe tollgate.toml 8080` tells each client who it is. The same on Mono, .NET Framework and .NET. Of
// two headers of one name HttpListener shows the last alone: a server that shows both, as Kestrel, has both refused.
using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using System.Threading;
using Tollgate;
using Tollgate.Http;

internal static class Gateway
{
    private static int Main(string[] arguments)
    {
        if (arguments.Length != 2)
        {
            Console.Error.WriteLine("usage: Gateway CONFIG PORT");
            return 2;
        }
        try
        {
            var options = new GateOptions { Log = (level, line) => Console.Error.WriteLine("gateway: " + level + ": " + line) };
            using (var gate = Gate.FromFile(arguments[0], options))
            using (var listener = new HttpListener())
            {
                gate.StartRefresh();
                var judge = new RequestJudge(gate, new JudgeOptions { Scenario = Scenario.Device });
                listener.Prefixes.Add("http://127.0.0.1:" + arguments[1] + "/");
                listener.Start();
                while (true)
                {
                    var request = listener.GetContext();
                    ThreadPool.QueueUserWorkItem(state => Serve(judge, request));
                }
            }
        }
        catch (Exception error) when (error is ConfigurationException || error is LibraryException || error is ArgumentException)
        {
            Console.Error.WriteLine("gateway: not started: " + error.Message);
            return 1;
        }
    }

    private static void Serve(RequestJudge judge, HttpListenerContext http)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var name in http.Request.Headers.AllKeys)
            foreach (var value in http.Request.Headers.GetValues(name))
                headers.Add(new KeyValuePair<string, string>(name, value));
        var decision = judge.Judge(headers, http.Request.RemoteEndPoint.Address, null);
        // The reason is for the operator. Outsiders see the status, and what they might bring.
        if (!decision.IsAdmitted) Console.Error.WriteLine("gateway: refused: " + decision.Refusal);
        http.Response.StatusCode = decision.HttpStatus;
        if (decision.Challenge != null) http.Response.AddHeader("WWW-Authenticate", decision.Challenge);
        if (decision.RetryAfter != null) http.Response.AddHeader("Retry-After", decision.RetryAfter);
        var body = Encoding.UTF8.GetBytes(decision.IsAdmitted ? decision.Identity.Id : "");
        try { http.Response.Close(body, false); }
        catch (Exception) { /* the client went away */ }
    }
}
