/** Events for a congestion controller: those of an association, with some fields changed. */
import { AckEvent, LossEvent } from '../../../../transport/sctp/congestion/congestion-controller.ts'

export function ackEvent(changes: Partial<AckEvent>): AckEvent {
  return Object.assign(new AckEvent(), changes)
}

export function lossEvent(changes: Partial<LossEvent>): LossEvent {
  return Object.assign(new LossEvent(), changes)
}
