import { describe, expect, it } from "vitest";
import { addressOf, withoutSecrets } from "./foreign-server.ts";
import { natsGreetingIn, redisGreetingIn } from "./greeting.ts";
import { LocalStackError } from "./local-stack-error.ts";

describe("the greeting of a NATS server", () => {
  it("tells its name, its version and whether JetStream runs", () => {
    const text = 'INFO {"server_name":"local-1","version":"2.15.1","jetstream":true,"port":4222} \r\n';
    expect(natsGreetingIn(text)).toEqual({ serverName: "local-1", version: "2.15.1", jetstream: true });
  });

  it("is without JetStream when it does not say so", () => {
    expect(natsGreetingIn('INFO {"server_name":"a","version":"2.15.1"}\r\n')?.jetstream).toBe(false);
  });

  it.each(["HTTP/1.1 400 Bad Request\r\n", "INFO nonsense\r\n", "INFO {}\r\n", "INFO {broken}\r\n", ""])(
    "is not %j",
    (text) => {
      expect(natsGreetingIn(text)).toBeNull();
    },
  );
});

describe("the answer of a Redis server", () => {
  it("tells its process and version", () => {
    const text = "$60\r\n# Server\r\nredis_version:7.0.15\r\nprocess_id:4711\r\n";
    expect(redisGreetingIn(text)).toEqual({ processId: 4711, version: "7.0.15" });
  });

  it("counts when a password is asked for, and does not while data is loading", () => {
    expect(redisGreetingIn("-NOAUTH Authentication required.\r\n")).toEqual({
      processId: null,
      version: null,
    });
    expect(redisGreetingIn("-LOADING Redis is loading the dataset in memory\r\n")).toBeNull();
  });
});

describe("an address from the environment", () => {
  it.each([
    ["nats://127.0.0.1:4333", { host: "127.0.0.1", port: 4333 }],
    ["localhost", { host: "localhost", port: 4222 }],
    ["nats://user:secret@[::1]:4223,nats://other:4222", { host: "::1", port: 4223 }],
  ])("%s", (url, address) => {
    expect(addressOf(url, 4222)).toEqual(address);
  });

  it("is refused when it is none, and never shown with its password", () => {
    expect(() => addressOf("nats://", 4222)).toThrow(LocalStackError);
    expect(withoutSecrets("nats://user:secret@host:4222")).toBe("nats://***@host:4222");
  });
});
