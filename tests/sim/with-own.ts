/** One object seen through another: most of it as it is, some of it replaced. */

/** The port with some of its methods replaced. */
export function withOwn<Port extends object>(port: Port, own: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const value: unknown = Reflect.get(own, name) ?? Reflect.get(target, name);
      return typeof value === "function" && !Reflect.has(own, name) ? value.bind(target) : value;
    },
  });
}
