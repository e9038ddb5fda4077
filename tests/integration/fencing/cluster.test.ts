import { fencing } from "../../support/fencing-suite.ts";

fencing({
  cluster: true,
  chosen: { "claim: state": "after", "claim: target": "before", "term: write": "before" },
});
