import type { Scenario } from '../scenario.ts';
import { accountingHandoff } from './accounting.ts';
import { accountingTrigger } from './accounting-trigger.ts';
import { coaQos, disconnect } from './authorization.ts';
import { dhcpToDhcp, lateDeregistration, pingPong, pmipToPmip } from './further-handovers.ts';
import { radiusAttach } from './radius-attach.ts';
import { aaaReject, deniedNoTwanProfile, lmaDown, poolEmpty, releaseDiscover, spoofedDataTrigger } from './refusals.ts';
import { eogreToPmip, pmipToEogreData, pmipToEogreDhcp, pmipToEogreDhcpRequest } from './seed-handovers.ts';

/** The handovers of the requirement's tables 1 to 3. */
export const seedHandovers: readonly Scenario[] = [pmipToEogreDhcp, pmipToEogreData, eogreToPmip];

/** Every scenario of the lab. */
export const scenarios: readonly Scenario[] = [
  pmipToEogreDhcp,
  pmipToEogreDhcpRequest,
  pmipToEogreData,
  eogreToPmip,
  pmipToPmip,
  dhcpToDhcp,
  pingPong,
  lateDeregistration,
  deniedNoTwanProfile,
  spoofedDataTrigger,
  lmaDown,
  aaaReject,
  poolEmpty,
  releaseDiscover,
  radiusAttach,
  accountingHandoff,
  accountingTrigger,
  coaQos,
  disconnect,
];
