/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What packets say of a tunnel's MTU: src/forwarding/tunnel-figures.ts notes the same of those that the slow path forwards. Hardly a
 * packet is longer than all before it: each CPU remembers for a while up to which length there is nothing to note.
 */
#pragma once

#include "examine.h"

static __always_inline __u32 entry_of(__be32 peer)
{
	return (bpf_ntohl(peer) ^ (bpf_ntohl(peer) >> 8)) % WAYS;
}

static __noinline struct tunnel_figures *figures_of(__be32 peer, enum side side)
{
	struct tunnel_end end = { .peer = peer, .side = side };
	struct tunnel_figures *known = bpf_map_lookup_elem(&tunnels, &end);
	struct tunnel_figures none = {};

	if (known)
		return known;
	bpf_map_update_elem(&tunnels, &end, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&tunnels, &end);
}

/*
 * Notes a packet that leaves; returns up to which length none needs to be noted now. Should another CPU note a shorter one over it at the same
 * time, it is noted again when the way has been forgotten.
 */
static __noinline __u16 note_sent(__be32 peer, enum side side, __u16 length)
{
	struct tunnel_figures *figures = figures_of(peer, side);

	if (!figures)
		return 0;
	if (length > figures->longest_sent)
		figures->longest_sent = length;
	return figures->longest_sent;
}

static __noinline __u16 note_received(__be32 peer, enum side side, __u16 length)
{
	struct tunnel_figures *figures = figures_of(peer, side);

	if (!figures)
		return 0;
	if (length > figures->longest_received)
		figures->longest_received = length;
	return figures->longest_received;
}

/* What is rare of packets that are forwarded. */
static __noinline int note_rare(__be32 peer, enum side side, int clamped, int fragmentation_needed)
{
	struct tunnel_figures *figures = figures_of(peer, side);

	if (!figures)
		return 0;
	if (clamped)
		__sync_fetch_and_add(&figures->mss_clamped, 1);
	if (fragmentation_needed)
		__sync_fetch_and_add(&figures->fragmentation_needed, 1);
	return 1;
}

/* A packet of a session that came, and is forwarded. */
static __always_inline void note_arrival(const struct packet *packet, enum side side)
{
	__u16 length = packet->outer_end - sizeof(struct ethernet);
	__u32 entry = entry_of(packet->outer_source);
	struct arrival *arrival = bpf_map_lookup_elem(&arrivals, &entry);

	if (!arrival)
		return;
	if (packet->clamp || packet->fragmentation_needed)
		note_rare(packet->outer_source, side, packet->clamp, packet->fragmentation_needed);
	if (arrival->peer == packet->outer_source && arrival->side == side && length <= arrival->noted &&
	    packet->now < arrival->until)
		return;
	if (arrival->peer != packet->outer_source || arrival->side != side || packet->now >= arrival->until)
		arrival->until = packet->now + config.way_lifetime;
	arrival->peer = packet->outer_source;
	arrival->side = side;
	arrival->noted = note_received(packet->outer_source, side, length);
}

/*
 * A fragment of an outer packet: the slow path's sockets get packets put together, so only here it is seen that there was one. Anybody may
 * send it, so it is noted of tunnels that are known already.
 */
static __noinline int note_fragment(const struct ipv4 *outer, enum side side)
{
	struct tunnel_end end = { .peer = outer->source, .side = side };
	struct tunnel_figures *figures = bpf_map_lookup_elem(&tunnels, &end);
	__u16 length = be16(outer->total_length);

	if (!figures)
		return 0;
	__sync_fetch_and_add(&figures->fragments, 1);
	if (outer->fragment & be16(IP_MORE_FRAGMENTS) && length > figures->longest_fragment)
		figures->longest_fragment = length;
	return 1;
}
