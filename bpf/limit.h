/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What a session may send and receive: access lists (src/forwarding/filter.ts) and rates (src/forwarding/policers.ts). */
#pragma once

#include "maps.h"
#include "packet.h"

/* Tokens are octets in parts of this: what a rate of one octet a second earns in a nanosecond. */
#define TOKENS_OF_OCTET 1000000000ULL
/* More than any bucket holds, and no more than can be added to: a bucket begins full. */
#define TOKENS_FULL (1ULL << 62)
/* Of slow rates a bucket is earned in hours, of fast ones in two seconds; neither product has more than 63 bits. */
#define SLOW_RATE (1ULL << 20)
#define ELAPSED_MAX_SLOW (1ULL << 43)
#define ELAPSED_MAX_FAST (1ULL << 31)

/* What a list is compared with. */
struct flow {
	__be32 source;
	__be32 destination;
	__u16 source_port;
	__u16 destination_port;
	__u8 protocol;
	/* 0 where the packet has none to show. */
	__u8 shows_ports;
};

static __always_inline int matches(const struct access_rule *rule, const struct flow *flow)
{
	if (rule->protocol != ANY_PROTOCOL && rule->protocol != flow->protocol)
		return 0;
	if ((flow->source ^ rule->source) & rule->source_mask)
		return 0;
	if ((flow->destination ^ rule->destination) & rule->destination_mask)
		return 0;
	if (!flow->shows_ports)
		return 1;
	return flow->source_port >= rule->source_first && flow->source_port <= rule->source_last &&
	       flow->destination_port >= rule->destination_first && flow->destination_port <= rule->destination_last;
}

/* AccessList.permits: the first rule that matches decides, and what none matches does not pass. */
static __noinline int permits(__u32 number, const struct flow *flow)
{
	struct access_list *list = bpf_map_lookup_elem(&access_lists, &number);

	if (!list || !flow)
		return 0;
	for (__u32 index = 0; index < ACCESS_RULES_MAX; index++) {
		if (index >= list->count)
			break;
		if (matches(&list->rules[index], flow))
			return list->rules[index].permits;
	}
	return 0;
}

/* Takes a packet's octets out of the bucket; 0, and nothing is taken, if it does not hold so many. */
static __always_inline int take(struct bucket *bucket, __u64 now, __u64 rate, __u64 cost, __u64 most)
{
	__u64 elapsed = now > bucket->filled_at ? now - bucket->filled_at : 0;
	__u64 longest = rate < SLOW_RATE ? ELAPSED_MAX_SLOW : ELAPSED_MAX_FAST;
	__u64 tokens;
	int passes;

	if (elapsed > longest)
		elapsed = longest;
	tokens = bucket->tokens + elapsed * rate;
	if (tokens > most)
		tokens = most;
	passes = cost <= tokens;
	bucket->tokens = passes ? tokens - cost : tokens;
	if (now > bucket->filled_at)
		bucket->filled_at = now;
	return passes;
}

/* Whether a packet of so many octets is within the rate of the session in a place, which has one at least one way. */
static __always_inline int within_rate(__u32 place, __be32 id, __u32 octets, __u64 now, int is_uplink)
{
	struct limits *limits = bpf_map_lookup_elem(&limits_by_place, &place);
	struct policer *policer = bpf_map_lookup_elem(&policers, &place);
	__u64 cost = octets * TOKENS_OF_OCTET;
	__u64 rate, burst;
	int passes;

	if (!limits || !policer)
		return 0;
	rate = is_uplink ? limits->uplink : limits->downlink;
	if (rate == NO_LIMIT)
		return 1;
	burst = rate / 10;
	if (burst < config.burst_min)
		burst = config.burst_min;
	if (rate == 0)
		burst = 0;
	bpf_spin_lock(&policer->lock);
	if (policer->id != id) {
		policer->id = id;
		policer->uplink.tokens = TOKENS_FULL;
		policer->uplink.filled_at = now;
		policer->downlink.tokens = TOKENS_FULL;
		policer->downlink.filled_at = now;
	}
	if (is_uplink)
		passes = take(&policer->uplink, now, rate, cost, burst * TOKENS_OF_OCTET);
	else
		passes = take(&policer->downlink, now, rate, cost, burst * TOKENS_OF_OCTET);
	bpf_spin_unlock(&policer->lock);
	return passes;
}
