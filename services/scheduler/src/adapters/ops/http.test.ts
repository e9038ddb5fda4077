import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { AddressUnavailable, type HealthServer, type Readiness, serveHealth } from "./http.ts";

const open: HealthServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

const READY: Readiness = { ready: true, checks: { nats: "connected" } };

const serve = async (readiness: () => Readiness = () => READY, port = 0): Promise<HealthServer> => {
  const server = await serveHealth(
    { host: "127.0.0.1", port },
    {
      service: "scheduler",
      version: "1.2.3",
      readiness,
      details: () => ({ partitions: 32 }),
      metrics: async () => ({ contentType: "text/plain; version=0.0.4", text: "a 1\n" }),
    },
  );
  open.push(server);
  return server;
};

const get = async (server: HealthServer, path: string, method = "GET") => {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe("the health server", () => {
  it("is alive and not ready while NATS is away", async () => {
    const server = await serve(() => ({ ready: false, checks: { nats: "reconnecting" } }));
    expect(await get(server, "/live")).toMatchObject({ status: 200 });
    const ready = await get(server, "/ready");
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toEqual({ status: "not_ready", checks: { nats: "reconnecting" } });
  });

  it("says in detail what it is and does", async () => {
    const server = await serve();
    expect(JSON.parse((await get(server, "/health")).text)).toEqual({
      status: "healthy",
      service: "scheduler",
      version: "1.2.3",
    });
    expect(JSON.parse((await get(server, "/health/detailed")).text)).toMatchObject({
      checks: READY.checks,
      details: { partitions: 32 },
    });
  });

  it("serves metrics in the exposition format", async () => {
    const { headers, text } = await get(await serve(), "/metrics?x=1");
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4");
    expect(text).toBe("a 1\n");
  });

  it("answers HEAD without a body", async () => {
    expect(await get(await serve(), "/ready", "HEAD")).toMatchObject({ status: 200, text: "" });
  });

  it.each([
    ["/", "GET", 404],
    ["/constructor", "GET", 404],
    ["/live/", "GET", 404],
    ["/live", "POST", 405],
    ["/metrics", "DELETE", 405],
  ])("refuses what it does not have: %s %s", async (path, method, status) => {
    expect(await get(await serve(), path, method)).toMatchObject({ status });
  });

  it("keeps serving after a check that throws", async () => {
    const server = await serve(() => {
      throw new Error("canary");
    });
    const failed = await get(server, "/ready");
    expect(failed).toMatchObject({ status: 500, text: '{"status":"error"}\n' });
    expect(await get(server, "/live")).toMatchObject({ status: 200 });
  });

  it("names the address that is in use", async () => {
    const { port } = await serve();
    const second = serve(undefined, port);
    await expect(second).rejects.toBeInstanceOf(AddressUnavailable);
    await expect(second).rejects.toThrow(
      `API_HOST, API_PORT: 127.0.0.1:${port} is in use; expected a free port, or 0 for any`,
    );
  });

  it("closes although somebody keeps a connection open", async () => {
    const server = await serve();
    const socket = connect(server.port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write("GET /live HTTP/1.1\r\n");
    socket.on("error", () => undefined);
    const gone = new Promise((resolve) => socket.once("close", resolve));
    await Promise.all([server.close(), server.close()]);
    await gone;
  });
});
