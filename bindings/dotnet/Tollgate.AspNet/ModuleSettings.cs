// SPDX-License-Identifier: MIT OR Apache-2.0

using System;
using System.Collections.Specialized;
using System.Web;
using System.Web.Configuration;

namespace Tollgate.AspNet
{
    /// <summary>
    /// What web.config says, in appSettings. Of the application: `tollgate:config`, the tollgate.toml, relative to the
    /// application's folder (~/...). Of the application or, in a location, of a path: `tollgate:endpoint`, the [[endpoint]];
    /// "off" where nobody is asked; left out for the only one there is. `tollgate:scenario`: "device" (the default) or
    /// "user". `tollgate:windows`: the header that has the client's Windows version. `tollgate:certificates`: where clients'
    /// certificates come from, "connection" (the default), "headers" or "nowhere"; `tollgate:sender`: who passes them on where
    /// the server knows no address, "unix" or an address.
    /// </summary>
    internal sealed class ModuleSettings
    {
        private string sender;

        internal string Configuration { get; private set; }

        internal Tollgate.Http.JudgeOptions Options { get; private set; }

        /// <summary>What tells one place from another.</summary>
        internal string Key
        {
            get { return Options.Endpoint + "\n" + Options.Scenario + "\n" + Options.WindowsHeader + "\n" + Options.Certificates + "\n" + sender; }
        }

        /// <summary>For the path of a request; null where nobody is asked.</summary>
        /// <exception cref="InvalidOperationException">A setting is none.</exception>
        internal static ModuleSettings For(HttpRequest request)
        {
            var settings = (NameValueCollection)WebConfigurationManager.GetSection("appSettings", request.Path);
            var endpoint = settings["tollgate:endpoint"];
            if (endpoint == "off")
            {
                return null;
            }
            var sender = settings["tollgate:sender"];
            return new ModuleSettings
            {
                sender = sender,
                Configuration = WebConfigurationManager.AppSettings["tollgate:config"],
                Options = new Tollgate.Http.JudgeOptions
                {
                    Endpoint = endpoint,
                    Scenario = ScenarioOf(settings["tollgate:scenario"]),
                    WindowsHeader = settings["tollgate:windows"],
                    Certificates = CertificatesOf(settings["tollgate:certificates"]),
                    Sender = Sender.Parse(sender),
                },
            };
        }

        private static Scenario ScenarioOf(string name)
        {
            switch (name)
            {
                case null:
                case "":
                case "device":
                    return Scenario.Device;
                case "user":
                    return Scenario.User;
                default:
                    throw new InvalidOperationException("web.config: tollgate:scenario is neither \"device\" nor \"user\"");
            }
        }

        private static Tollgate.Http.CertificateSource CertificatesOf(string name)
        {
            switch (name)
            {
                case null:
                case "":
                case "connection":
                    return Tollgate.Http.CertificateSource.Connection;
                case "headers":
                    return Tollgate.Http.CertificateSource.Headers;
                case "nowhere":
                    return Tollgate.Http.CertificateSource.Nowhere;
                default:
                    throw new InvalidOperationException(
                        "web.config: tollgate:certificates is none of \"connection\", \"headers\", \"nowhere\"");
            }
        }
    }
}
