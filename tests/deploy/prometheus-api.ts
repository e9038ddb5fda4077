/** The little of Prometheus' HTTP API that the tests ask. */

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
}

export interface RuleHealth {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

export interface PrometheusApi {
  /** The samples of an expression now; NaN is none. */
  query(expr: string): Promise<Sample[]>;
  rules(): Promise<RuleHealth[]>;
  alerts(): Promise<FiringAlert[]>;
}

export function prometheusApi(url: string): PrometheusApi {
  const ask = async <Data>(path: string): Promise<Data> => {
    const response = await fetch(`${url}/api/v1/${path}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return JSON.parse(text).data;
  };
  return {
    query: async (expr) => {
      type Vector = { result: { metric: Sample["metric"]; value: [at: number, text: string] }[] };
      const { result } = await ask<Vector>(`query?query=${encodeURIComponent(expr)}`);
      return result
        .map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
        .filter(({ value }) => !Number.isNaN(value));
    },
    rules: async () => {
      const { groups } = await ask<{ groups: { rules: RuleHealth[] }[] }>("rules");
      return groups.flatMap(({ rules }) => rules);
    },
    alerts: async () => (await ask<{ alerts: FiringAlert[] }>("alerts")).alerts,
  };
}
