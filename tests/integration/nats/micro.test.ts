import type { NatsServer } from "@carillon/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { offerService } from "../../../services/scheduler/src/adapters/nats/micro.ts";
import type { RpcRequest } from "../../../services/scheduler/src/app/ports.ts";
import { ownServer, type Workbench, workbench } from "./workbench.ts";

let server: NatsServer;
let bench: Workbench;
let withdraw: () => Promise<void>;
const seen: RpcRequest[] = [];
const failures: Error[] = [];

beforeAll(async () => {
  server = await ownServer();
  bench = await workbench(server);
  const offer = {
    name: "my scheduler",
    version: "0.1.0",
    description: "A scheduler.",
    endpoints: [
      {
        name: "get",
        subject: "rpc.scheduler.*.get.*",
        handler: async (request: RpcRequest) => {
          seen.push(request);
          if (request.subject.endsWith(".broken")) throw new Error("a bug");
          return { data: '{"ok":true}' };
        },
      },
    ],
    catchAll: {
      name: "unknown",
      subject: "rpc.scheduler.>",
      handler: async ({ subject }: RpcRequest) =>
        subject.includes(".get.")
          ? null
          : { data: '{"ok":false}', error: { status: 404, message: "unknown\nverb" } },
    },
  };
  withdraw = await offerService(bench.link, offer, (error) => failures.push(error));
  await bench.link.nc.flush();
});
afterAll(async () => {
  await withdraw();
  await bench.close();
  await server.stop();
});

describe("the micro service", () => {
  it("answers each valid request at its endpoint, and never at the catch-all", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => bench.link.nc.request(`rpc.scheduler.acme.get.${n}`, "{}")),
    );
    expect(answers.every((answer) => answer.string() === '{"ok":true}')).toBe(true);
    expect(seen).toHaveLength(50);
    expect(seen[0]?.header("Scheduler-Actor")).toBeNull();
    expect(seen[0]?.reply).toBeDefined();
  });

  it("answers what fits no endpoint with the headers of a service error", async () => {
    const answer = await bench.link.nc.request("rpc.scheduler.acme.gte.x", "{}");
    expect(answer.headers?.get("Nats-Service-Error-Code")).toBe("404");
    expect(answer.headers?.get("Nats-Service-Error")).toBe("unknown verb");
    expect(answer.string()).toBe('{"ok":false}');
  });

  it("hands a handler's exception to whoever offers the service", async () => {
    await expect(
      bench.link.nc.request("rpc.scheduler.acme.get.broken", "{}", { timeout: 200 }),
    ).rejects.toThrow();
    expect(failures.map(({ message }) => message)).toEqual(["a bug"]);
  });

  it("is discovered under its name", async () => {
    const ping = await bench.link.nc.request("$SRV.INFO.my_scheduler");
    const info = ping.json<{ version: string; endpoints: { name: string; queue_group: string }[] }>();
    expect(info.version).toBe("0.1.0");
    expect(info.endpoints.map(({ name, queue_group }) => `${name} ${queue_group}`)).toEqual([
      "get q",
      "unknown catch-all",
    ]);
  });
});
