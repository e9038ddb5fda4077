import { fencing } from "../../support/fencing-suite.ts";

fencing({
  cluster: false,
  chosen: {
    "claim: state": "before",
    "claim: target": "before",
    "claim: event": "after",
    "command: definition": "before",
    "consumers: create": "after",
  },
});
