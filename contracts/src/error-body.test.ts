import { describe, expect, it } from "vitest";
import { ERRORS, errorBody, isErrorCode, validate } from "./index.ts";

describe("errorBody", () => {
  it("takes from the table whether a retry may help", () => {
    expect(errorBody("rate_limited", "slow down", [], 250)).toEqual({
      code: "rate_limited",
      message: "slow down",
      details: [],
      retryable: true,
      retryAfterMs: 250,
    });
    expect(errorBody("not_found", "no x").retryable).toBe(false);
    expect(validate.errorBody(errorBody("not_found", "no x"))).toEqual([]);
  });

  it("uses only the statuses of the contract", () => {
    const statuses = new Set(Object.values(ERRORS).map(({ status }) => status));
    expect([...statuses].sort()).toEqual([400, 403, 404, 409, 413, 429, 500, 503]);
  });

  it("knows its codes, and takes nothing else for one", () => {
    expect(isErrorCode("not_found")).toBe(true);
    expect(isErrorCode("toString")).toBe(false);
  });
});
