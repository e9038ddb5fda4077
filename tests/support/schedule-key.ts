/** Where a schedule of the default tenant is filed in the buckets. */

import { names, partitionOf } from "@carillon/contracts";

const { keys } = names();

export const scheduleKey = (scheduleId: string, partitions: number): string =>
  keys.schedule.build({
    partition: partitionOf("default", scheduleId, partitions),
    tenant: "default",
    scheduleId,
  });
