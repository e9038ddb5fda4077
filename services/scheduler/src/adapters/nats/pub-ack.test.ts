import { describe, expect, it } from "vitest";
import { readAnswer } from "./pub-ack.ts";

const reply = (text: string, code?: number) => ({
  data: new TextEncoder().encode(text),
  ...(code === undefined ? {} : { headers: { code } }),
});

describe("readAnswer", () => {
  it("believes an acknowledgement with stream and sequence", () => {
    expect(readAnswer(reply('{"stream":"S","seq":7,"duplicate":true}'))).toEqual({
      kind: "stored",
      stream: "S",
      sequence: 7,
      duplicate: true,
    });
  });

  it.each([
    '{"stream":"ORDERS", "seq":8}',
    '{"stream":"ORDERS","seq":9}',
    '{"stream":"ORDERS", "seq":9007199254740991}',
    '{"stream":"ORDERS", "seq":10,"duplicate": true}',
    '{"stream":"ORDERS", "seq":11,"domain":"hub"}',
    '{"stream":"ORDERS_OLD", "seq":12}',
    '{"stream":"ÖRDERS", "seq":13}',
    '{"stream":"ORDERS", "seq":0}',
    '{"stream":"ORDERS", "seq":01}',
    '{"stream":"ORDERS", "seq":1e3}',
    '{"stream":"ORDERS", "seq":99007199254740993}',
    '{"stream":"ORDERS", "seq":-4}',
    '{"stream":"ORDERS", "seq":}',
    '{"stream":"ORDERS", "seq":14',
  ])("reads %s alike, whether it has heard of the stream or not", (answer) => {
    readAnswer(reply('{"stream":"ORDERS", "seq":7}'));
    const unlike = `${answer.slice(0, -1)} ${answer.slice(-1)}`;
    expect(readAnswer(reply(answer))).toEqual(readAnswer(reply(unlike)));
  });

  it("reads a refusal by its number, whatever stands beside it", () => {
    const text =
      '{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 4"},"stream":"S","seq":0}';
    expect(readAnswer(reply(text))).toEqual({
      kind: "error",
      apiCode: 10071,
      httpCode: 400,
      description: "wrong last sequence: 4",
    });
  });

  it("reads the server's word that nobody listens", () => {
    expect(readAnswer(reply("", 503))).toEqual({ kind: "nobody" });
  });

  it.each([
    ["text", "ok"],
    ["an empty answer", ""],
    ["broken JSON", "{"],
    ["a list", "[1]"],
    ["null", "null"],
    ["an acknowledgement without sequence", '{"stream":"S"}'],
    ["an acknowledgement of nothing", '{"stream":"S","seq":0}'],
    ["a sequence that is text", '{"stream":"S","seq":"7"}'],
    ["a service's error", '{"error":{"code":"bad","message":"no"}}'],
    ["an error with a number of no range of JetStream's", '{"error":{"code":400,"err_code":7}}'],
    ["a long object", `{"stream":"S","seq":7,"text":"${"x".repeat(5_000)}"}`],
  ])("takes %s for somebody else's", (_, text) => {
    expect(readAnswer(reply(text))).toEqual({ kind: "foreign" });
  });
});
