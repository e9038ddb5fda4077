// Generated from schemas/ by contracts/generate; do not edit.
import { type CompiledValidator, type Fault, faultsOf } from "../fault.ts";
import type * as Shape from "./types.ts";
import * as compiled from "./validators.js";

/** What patterns mean, in words. */
const EXPECTED: Readonly<Record<string, string>> = {
  "^[^\\s.*>/\\\\]{1,255}$": "a stream name",
  "^[A-Za-z0-9_\\-]{1,64}$": "1 to 64 of A-Z a-z 0-9 _ -",
  "^\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.\\-]+)?(?:\\+[0-9A-Za-z.\\-]+)?$": "a semantic version such as 1.2.3",
  "type:type": "one of cron, rrule, interval, delay, at, immediate, manual",
  "^(?!(?:[Nn][Aa][Tt][Ss]|[Ss][Cc][Hh][Ee][Dd][Uu][Ll][Ee][Rr])-)[!#$%&'*+.^_`|~0-9A-Za-z\\-]{1,128}$": "a header name of 1 to 128 letters, digits or !#$%&'*+-.^_`|~ that does not begin with Nats- or Scheduler-",
  "^\\P{Cc}*$": "no control characters",
  "type:kind": "one of page, standing"
};

const faults =
  (check: CompiledValidator) =>
  (value: unknown): Fault[] =>
    faultsOf(check, value, EXPECTED);

/** Faults of a value against a schema; none: it fits. */
export const validate = {
  updateBody: faults(compiled.UpdateBody),
  emptyBody: faults(compiled.EmptyBody),
  resumeBody: faults(compiled.ResumeBody),
  triggerBody: faults(compiled.TriggerBody),
  previewBody: faults(compiled.PreviewBody),
  verifyBody: faults(compiled.VerifyBody),
  listBody: faults(compiled.ListBody),
  config: faults(compiled.Configuration),
  definition: faults(compiled.ScheduleDefinition),
  trigger: faults(compiled.Trigger),
  cronTrigger: faults(compiled.CronTrigger),
  rruleTrigger: faults(compiled.RruleTrigger),
  intervalTrigger: faults(compiled.IntervalTrigger),
  delayTrigger: faults(compiled.DelayTrigger),
  atTrigger: faults(compiled.AtTrigger),
  immediateTrigger: faults(compiled.ImmediateTrigger),
  manualTrigger: faults(compiled.ManualTrigger),
  dstOptions: faults(compiled.DstOptions),
  target: faults(compiled.Target),
  misfire: faults(compiled.Misfire),
  overlap: faults(compiled.Overlap),
  retry: faults(compiled.Retry),
  completion: faults(compiled.Completion),
  effective: faults(compiled.EffectiveDefinition),
  effectiveTrigger: faults(compiled.EffectiveTrigger),
  effectiveCronTrigger: faults(compiled.EffectiveCronTrigger),
  effectiveRruleTrigger: faults(compiled.EffectiveRruleTrigger),
  effectiveIntervalTrigger: faults(compiled.EffectiveIntervalTrigger),
  dstPolicy: faults(compiled.DstPolicy),
  effectiveTarget: faults(compiled.EffectiveTarget),
  effectiveMisfire: faults(compiled.EffectiveMisfire),
  effectiveOverlap: faults(compiled.EffectiveOverlap),
  effectiveRetry: faults(compiled.EffectiveRetry),
  effectiveCompletion: faults(compiled.EffectiveCompletion),
  cloudEventEnvelope: faults(compiled.CloudEventEnvelope),
  scheduleEventData: faults(compiled.ScheduleEventData),
  setAsideEventData: faults(compiled.SetAsideEventData),
  fieldChange: faults(compiled.FieldChange),
  nominalRange: faults(compiled.NominalRange),
  cause: faults(compiled.Cause),
  executionEventData: faults(compiled.ExecutionEventData),
  delivered: faults(compiled.Delivered),
  commandRejectedData: faults(compiled.CommandRejectedData),
  peerQuestion: faults(compiled.PeerQuestion),
  tally: faults(compiled.Tally),
  count: faults(compiled.Count),
  pageQuestion: faults(compiled.PageQuestion),
  standingQuestion: faults(compiled.StandingQuestion),
  pageAnswer: faults(compiled.PageAnswer),
  pageEntry: faults(compiled.PageEntry),
  standingAnswer: faults(compiled.StandingAnswer),
  heartbeat: faults(compiled.Heartbeat),
  ownedPartition: faults(compiled.OwnedPartition),
  definitionRecord: faults(compiled.DefinitionRecord),
  stateRecord: faults(compiled.StateRecord),
  outline: faults(compiled.Outline),
  owed: faults(compiled.Owed),
  dispatch: faults(compiled.Dispatch),
  announcement: faults(compiled.Announcement),
  letter: faults(compiled.Letter),
  plannedRetry: faults(compiled.PlannedRetry),
  commandMemory: faults(compiled.CommandMemory),
  outcome: faults(compiled.Outcome),
  termRecord: faults(compiled.TermRecord),
  reply: faults(compiled.Reply),
  okReply: faults(compiled.OkReply),
  getReply: faults(compiled.GetReply),
  previewReply: faults(compiled.PreviewReply),
  errorReply: faults(compiled.ErrorReply),
  errorBody: faults(compiled.ErrorBody),
  errorDetail: faults(compiled.ErrorDetail),
  warning: faults(compiled.Warning),
  status: faults(compiled.Status),
  triggerType: faults(compiled.TriggerType),
  scheduleSummary: faults(compiled.ScheduleSummary),
  listReply: faults(compiled.ListReply),
  verifyReply: faults(compiled.VerifyReply),
  countByReason: faults(compiled.CountByReason),
  unexplained: faults(compiled.Unexplained),
  unverified: faults(compiled.Unverified),
  statusReply: faults(compiled.StatusReply),
  workerStatus: faults(compiled.WorkerStatus),
  workerSettings: faults(compiled.WorkerSettings),
  workerRole: faults(compiled.WorkerRole),
  scheduleView: faults(compiled.ScheduleView),
  scheduleStats: faults(compiled.ScheduleStats),
  tenants: faults(compiled.TenantsFile),
  tenantSettings: faults(compiled.TenantSettings),
  targetEntry: faults(compiled.TargetEntry),
} as const;

export const isUpdateBody = (value: unknown): value is Shape.UpdateBody => compiled.UpdateBody(value);
export const isEmptyBody = (value: unknown): value is Shape.EmptyBody => compiled.EmptyBody(value);
export const isResumeBody = (value: unknown): value is Shape.ResumeBody => compiled.ResumeBody(value);
export const isTriggerBody = (value: unknown): value is Shape.TriggerBody => compiled.TriggerBody(value);
export const isPreviewBody = (value: unknown): value is Shape.PreviewBody => compiled.PreviewBody(value);
export const isVerifyBody = (value: unknown): value is Shape.VerifyBody => compiled.VerifyBody(value);
export const isListBody = (value: unknown): value is Shape.ListBody => compiled.ListBody(value);
export const isConfiguration = (value: unknown): value is Shape.Configuration => compiled.Configuration(value);
export const isScheduleDefinition = (value: unknown): value is Shape.ScheduleDefinition => compiled.ScheduleDefinition(value);
export const isTrigger = (value: unknown): value is Shape.Trigger => compiled.Trigger(value);
export const isCronTrigger = (value: unknown): value is Shape.CronTrigger => compiled.CronTrigger(value);
export const isRruleTrigger = (value: unknown): value is Shape.RruleTrigger => compiled.RruleTrigger(value);
export const isIntervalTrigger = (value: unknown): value is Shape.IntervalTrigger => compiled.IntervalTrigger(value);
export const isDelayTrigger = (value: unknown): value is Shape.DelayTrigger => compiled.DelayTrigger(value);
export const isAtTrigger = (value: unknown): value is Shape.AtTrigger => compiled.AtTrigger(value);
export const isImmediateTrigger = (value: unknown): value is Shape.ImmediateTrigger => compiled.ImmediateTrigger(value);
export const isManualTrigger = (value: unknown): value is Shape.ManualTrigger => compiled.ManualTrigger(value);
export const isDstOptions = (value: unknown): value is Shape.DstOptions => compiled.DstOptions(value);
export const isTarget = (value: unknown): value is Shape.Target => compiled.Target(value);
export const isMisfire = (value: unknown): value is Shape.Misfire => compiled.Misfire(value);
export const isOverlap = (value: unknown): value is Shape.Overlap => compiled.Overlap(value);
export const isRetry = (value: unknown): value is Shape.Retry => compiled.Retry(value);
export const isCompletion = (value: unknown): value is Shape.Completion => compiled.Completion(value);
export const isEffectiveDefinition = (value: unknown): value is Shape.EffectiveDefinition => compiled.EffectiveDefinition(value);
export const isEffectiveTrigger = (value: unknown): value is Shape.EffectiveTrigger => compiled.EffectiveTrigger(value);
export const isEffectiveCronTrigger = (value: unknown): value is Shape.EffectiveCronTrigger => compiled.EffectiveCronTrigger(value);
export const isEffectiveRruleTrigger = (value: unknown): value is Shape.EffectiveRruleTrigger => compiled.EffectiveRruleTrigger(value);
export const isEffectiveIntervalTrigger = (value: unknown): value is Shape.EffectiveIntervalTrigger => compiled.EffectiveIntervalTrigger(value);
export const isDstPolicy = (value: unknown): value is Shape.DstPolicy => compiled.DstPolicy(value);
export const isEffectiveTarget = (value: unknown): value is Shape.EffectiveTarget => compiled.EffectiveTarget(value);
export const isEffectiveMisfire = (value: unknown): value is Shape.EffectiveMisfire => compiled.EffectiveMisfire(value);
export const isEffectiveOverlap = (value: unknown): value is Shape.EffectiveOverlap => compiled.EffectiveOverlap(value);
export const isEffectiveRetry = (value: unknown): value is Shape.EffectiveRetry => compiled.EffectiveRetry(value);
export const isEffectiveCompletion = (value: unknown): value is Shape.EffectiveCompletion => compiled.EffectiveCompletion(value);
export const isCloudEventEnvelope = (value: unknown): value is Shape.CloudEventEnvelope => compiled.CloudEventEnvelope(value);
export const isScheduleEventData = (value: unknown): value is Shape.ScheduleEventData => compiled.ScheduleEventData(value);
export const isSetAsideEventData = (value: unknown): value is Shape.SetAsideEventData => compiled.SetAsideEventData(value);
export const isFieldChange = (value: unknown): value is Shape.FieldChange => compiled.FieldChange(value);
export const isNominalRange = (value: unknown): value is Shape.NominalRange => compiled.NominalRange(value);
export const isCause = (value: unknown): value is Shape.Cause => compiled.Cause(value);
export const isExecutionEventData = (value: unknown): value is Shape.ExecutionEventData => compiled.ExecutionEventData(value);
export const isDelivered = (value: unknown): value is Shape.Delivered => compiled.Delivered(value);
export const isCommandRejectedData = (value: unknown): value is Shape.CommandRejectedData => compiled.CommandRejectedData(value);
export const isPeerQuestion = (value: unknown): value is Shape.PeerQuestion => compiled.PeerQuestion(value);
export const isTally = (value: unknown): value is Shape.Tally => compiled.Tally(value);
export const isCount = (value: unknown): value is Shape.Count => compiled.Count(value);
export const isPageQuestion = (value: unknown): value is Shape.PageQuestion => compiled.PageQuestion(value);
export const isStandingQuestion = (value: unknown): value is Shape.StandingQuestion => compiled.StandingQuestion(value);
export const isPageAnswer = (value: unknown): value is Shape.PageAnswer => compiled.PageAnswer(value);
export const isPageEntry = (value: unknown): value is Shape.PageEntry => compiled.PageEntry(value);
export const isStandingAnswer = (value: unknown): value is Shape.StandingAnswer => compiled.StandingAnswer(value);
export const isHeartbeat = (value: unknown): value is Shape.Heartbeat => compiled.Heartbeat(value);
export const isOwnedPartition = (value: unknown): value is Shape.OwnedPartition => compiled.OwnedPartition(value);
export const isDefinitionRecord = (value: unknown): value is Shape.DefinitionRecord => compiled.DefinitionRecord(value);
export const isStateRecord = (value: unknown): value is Shape.StateRecord => compiled.StateRecord(value);
export const isOutline = (value: unknown): value is Shape.Outline => compiled.Outline(value);
export const isOwed = (value: unknown): value is Shape.Owed => compiled.Owed(value);
export const isDispatch = (value: unknown): value is Shape.Dispatch => compiled.Dispatch(value);
export const isAnnouncement = (value: unknown): value is Shape.Announcement => compiled.Announcement(value);
export const isLetter = (value: unknown): value is Shape.Letter => compiled.Letter(value);
export const isPlannedRetry = (value: unknown): value is Shape.PlannedRetry => compiled.PlannedRetry(value);
export const isCommandMemory = (value: unknown): value is Shape.CommandMemory => compiled.CommandMemory(value);
export const isOutcome = (value: unknown): value is Shape.Outcome => compiled.Outcome(value);
export const isTermRecord = (value: unknown): value is Shape.TermRecord => compiled.TermRecord(value);
export const isReply = (value: unknown): value is Shape.Reply => compiled.Reply(value);
export const isOkReply = (value: unknown): value is Shape.OkReply => compiled.OkReply(value);
export const isGetReply = (value: unknown): value is Shape.GetReply => compiled.GetReply(value);
export const isPreviewReply = (value: unknown): value is Shape.PreviewReply => compiled.PreviewReply(value);
export const isErrorReply = (value: unknown): value is Shape.ErrorReply => compiled.ErrorReply(value);
export const isErrorBody = (value: unknown): value is Shape.ErrorBody => compiled.ErrorBody(value);
export const isErrorDetail = (value: unknown): value is Shape.ErrorDetail => compiled.ErrorDetail(value);
export const isWarning = (value: unknown): value is Shape.Warning => compiled.Warning(value);
export const isStatus = (value: unknown): value is Shape.Status => compiled.Status(value);
export const isTriggerType = (value: unknown): value is Shape.TriggerType => compiled.TriggerType(value);
export const isScheduleSummary = (value: unknown): value is Shape.ScheduleSummary => compiled.ScheduleSummary(value);
export const isListReply = (value: unknown): value is Shape.ListReply => compiled.ListReply(value);
export const isVerifyReply = (value: unknown): value is Shape.VerifyReply => compiled.VerifyReply(value);
export const isCountByReason = (value: unknown): value is Shape.CountByReason => compiled.CountByReason(value);
export const isUnexplained = (value: unknown): value is Shape.Unexplained => compiled.Unexplained(value);
export const isUnverified = (value: unknown): value is Shape.Unverified => compiled.Unverified(value);
export const isStatusReply = (value: unknown): value is Shape.StatusReply => compiled.StatusReply(value);
export const isWorkerStatus = (value: unknown): value is Shape.WorkerStatus => compiled.WorkerStatus(value);
export const isWorkerSettings = (value: unknown): value is Shape.WorkerSettings => compiled.WorkerSettings(value);
export const isWorkerRole = (value: unknown): value is Shape.WorkerRole => compiled.WorkerRole(value);
export const isScheduleView = (value: unknown): value is Shape.ScheduleView => compiled.ScheduleView(value);
export const isScheduleStats = (value: unknown): value is Shape.ScheduleStats => compiled.ScheduleStats(value);
export const isTenantsFile = (value: unknown): value is Shape.TenantsFile => compiled.TenantsFile(value);
export const isTenantSettings = (value: unknown): value is Shape.TenantSettings => compiled.TenantSettings(value);
export const isTargetEntry = (value: unknown): value is Shape.TargetEntry => compiled.TargetEntry(value);
