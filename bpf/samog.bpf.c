/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The fast path: forwards packets of established sessions between the access tunnels and S2a. It decides nothing that is
 * not plain: whatever it does not understand completely goes up as it came, and the slow path (src/forwarding/) drops
 * it, answers it or forwards it. What it does forward has, from the GRE header on, the octets that the slow path would
 * have sent. docs/fast-path.md has the design.
 */
#include "send.h"

/* What an endpoint may have saved up. */
#define PUNT_CREDIT_MAX 1000000000ULL
/* What all of them may: less than a receive buffer holds, more than there is between two ticks of the coarse clock. */
#define PUNT_CREDIT_MAX_IN_ALL 20000000ULL

static __always_inline void count(struct direction_usage *usage, const struct packet *packet)
{
	/* Packets of a session may come by several queues, and thus to several processors, at a time. */
	__sync_fetch_and_add(&usage->packets, 1);
	__sync_fetch_and_add(&usage->octets, packet->inner_length);
	usage->last = packet->now;
}

static __always_inline enum punt uplink(struct xdp_md *ctx, struct packet *packet, struct tunnel *tunnel,
					struct counters *counters)
{
	enum punt punt = examine_uplink(ctx, packet);

	if (punt)
		return punt;
	tunnel->from = config.s2a_address;
	tunnel->to = packet->session.lma;
	punt = put_into_ip_tunnel(ctx, packet, tunnel, packet->session.lma_key, counters->identification);
	if (punt)
		return punt;
	counters->uplink_packets++;
	counters->uplink_octets += packet->inner_length;
	count(&packet->usage->uplink, packet);
	return PUNT_NONE;
}

static __always_inline enum punt downlink(struct xdp_md *ctx, struct packet *packet, struct tunnel *tunnel,
					  struct counters *counters)
{
	const struct path *access = &packet->session.access;
	enum punt punt = examine_downlink(ctx, packet);

	if (punt)
		return punt;
	tunnel->from = config.access_address;
	tunnel->to = access->peer;
	punt = access->kind == PATH_EOGRE ?
		       put_into_eogre(ctx, packet, tunnel, counters->identification) :
		       put_into_ip_tunnel(ctx, packet, tunnel, access->key, counters->identification);
	if (punt)
		return punt;
	counters->downlink_packets++;
	counters->downlink_octets += packet->inner_length;
	count(&packet->usage->downlink, packet);
	return PUNT_NONE;
}

/* Out by a port. A packet that goes back where it came from needs no other driver. */
static __always_inline int send_by(struct xdp_md *ctx, __u32 port)
{
	return port == ctx->ingress_ifindex ? XDP_TX : bpf_redirect_map(&ports, port, 0);
}

/* Not inlined, so that the object tells the names of the reasons. */
static __noinline void count_punt(__u64 *punts, enum punt punt)
{
	if (punt < PUNT_REASONS)
		punts[punt]++;
}

/* The slow path's work by intent: to be measured by nothing but what it can do in all. */
static __always_inline int is_expected(enum punt punt)
{
	return punt == PUNT_HELD_BACK;
}

/* Takes one packet from a budget that earns one each `interval`; false if there is none left. */
static __always_inline int spend(struct punt_budget *budget, __u64 now, __u32 interval, __u64 most)
{
	__u64 credit = budget->credit + (now - budget->filled_at);

	if (credit > most)
		credit = most;
	budget->filled_at = now;
	if (credit < interval) {
		budget->credit = credit;
		return 0;
	}
	budget->credit = credit - interval;
	return 1;
}

/* Whether a tunnel endpoint has not sent up too many. */
static __always_inline int endpoint_may(const struct packet *packet, enum punt_class class)
{
	struct punt_budget fresh = { .filled_at = packet->now, .credit = PUNT_CREDIT_MAX - config.punt_interval };
	struct punt_source source = { .endpoint = packet->outer_source, .class = class };
	struct punt_budget *budget;

	if (config.punt_interval == 0)
		return 1;
	budget = bpf_map_lookup_elem(&punt_budgets, &source);
	if (budget)
		return spend(budget, packet->now, config.punt_interval, PUNT_CREDIT_MAX);
	bpf_map_update_elem(&punt_budgets, &source, &fresh, BPF_ANY);
	return 1;
}

/* Whether all endpoints together have not: beyond what the slow path can do, it does less than it can. */
static __always_inline int all_may(const struct packet *packet, enum punt_class class)
{
	__u32 of = class;
	struct punt_budget *budget = bpf_map_lookup_elem(&punt_totals, &of);

	return !budget || config.punt_interval_in_all == 0 ||
	       spend(budget, packet->now, config.punt_interval_in_all, PUNT_CREDIT_MAX_IN_ALL);
}

/* Sends a packet up, unless too many were: a flood must not keep others from being served. */
static __always_inline int send_up(const struct packet *packet, enum punt punt, struct counters *counters)
{
	enum punt_class class = punt == PUNT_DHCP || packet->is_arp ? PUNT_SIGNALLING : PUNT_DATA;

	if (punt == PUNT_PASSIVE)
		return XDP_PASS;
	if ((is_expected(punt) || endpoint_may(packet, class)) && all_may(packet, class))
		return XDP_PASS;
	counters->policed++;
	return XDP_DROP;
}

SEC("xdp")
int samog_forward(struct xdp_md *ctx)
{
	const struct ethernet *ethernet = start(ctx);
	const struct ipv4 *outer = (const void *)(ethernet + 1);
	struct packet packet = {};
	struct tunnel tunnel = {};
	struct counters *figures;
	struct state *now;
	enum punt punt;
	enum side side;
	__be32 to;
	__u32 only = 0;

	if ((void *)(outer + 1) > end(ctx) || ethernet->type != be16(ETHER_TYPE_IPV4) || outer->protocol != IP_GRE)
		return XDP_PASS;
	to = outer->destination;
	if (to != config.access_address && to != config.s2a_address)
		return XDP_PASS;
	side = to == config.access_address ? SIDE_ACCESS : SIDE_S2A;
	figures = bpf_map_lookup_elem(&counters, &only);
	now = bpf_map_lookup_elem(&state, &only);
	if (!figures || !now)
		return XDP_PASS;
	packet.now = bpf_ktime_get_coarse_ns();
	if (packet.now < now->until) {
		if (outer->fragment & be16(IP_FRAGMENT))
			note_fragment(outer, side);
		punt = read_tunnel(ctx, &packet);
		if (!punt)
			punt = side == SIDE_ACCESS ? uplink(ctx, &packet, &tunnel, figures) :
						     downlink(ctx, &packet, &tunnel, figures);
	} else {
		punt = PUNT_PASSIVE;
	}
	if (!punt) {
		figures->identification++;
		if (packet.clamp)
			figures->mss_clamped++;
		note_arrival(&packet, side);
		return send_by(ctx, tunnel.way->port);
	}
	if (punt != PUNT_HELD_BACK || !(packet.session.held_back & HELD_BACK_UNTOLD))
		count_punt(side == SIDE_ACCESS ? figures->uplink_punts : figures->downlink_punts, punt);
	return punt >= PUNT_FILTERED ? XDP_DROP : send_up(&packet, punt, figures);
}

/*
 * For an interface that packets only leave by: a veth pair delivers what XDP redirects to one end only if the other end
 * has a program.
 */
SEC("xdp")
int samog_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* The kernel lets only programs under the GPL ask for a way; these files may be had under it. */
const char LICENSE[] SEC("license") = "GPL";
