await MLEvents.Ingress.IngressService.Create(args).RunAsync();
