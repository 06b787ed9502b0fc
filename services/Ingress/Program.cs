return await MLEvents.ServiceDefaults.ServiceProgram.RunAsync(() => MLEvents.Ingress.IngressService.Create(args));
