/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Whose packet is this, and may it pass? Nothing here changes the packet. */
#pragma once

#include "limit.h"

#define DHCP_CLIENT 68
#define DHCP_SERVER 67

/* All headers in front of a UE's packet have 60 octets at most: Ethernet, IPv4, GRE with a key, a frame with a tag. */
#define HEADERS_MASK 63

/* Of a session, what the gateway writes between two changes of its version. */
#define SESSION_WRITTEN (__builtin_offsetof(struct session, usage) - __builtin_offsetof(struct session, id))

/* What is known of the packet being worked on. */
struct packet {
	__u32 frame_length;
	/* Behind the last octet of the outer packet: the rest is padding of the link. */
	__u32 outer_end;
	__be32 outer_source;
	__be16 protocol;
	__u8 has_key;
	/* Whether the MSS is to be lowered. */
	__u8 clamp;
	__u8 is_arp;
	/* Whether it is an ICMP Fragmentation Needed. */
	__u8 fragmentation_needed;
	__be32 key;
	/* Where the UE's packet is, and its total length. */
	__u32 inner_at;
	__u32 inner_length;
	__be32 source;
	__be32 destination;
	__u8 tos;
	__u8 ttl;
	__u64 now;
	__u32 place;
	struct usage *usage;
	struct session session;
};

/* What was checked against the end must not be loaded again afterwards: the compiler is kept from it. */
static __always_inline void *start(const struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;

	asm volatile("" : "+r"(data));
	return data;
}

static __always_inline void *end(const struct xdp_md *ctx)
{
	return (void *)(long)ctx->data_end;
}

/*
 * An octet of the frame, behind headers of a length that is not constant. The verifier does not follow such lengths through
 * the stack and needs the mask; the compiler, which does, is kept from finding the mask and later checks superfluous.
 */
static __always_inline void *behind(const struct xdp_md *ctx, __u32 headers)
{
	asm volatile("" : "+r"(headers));
	return start(ctx) + (headers & HEADERS_MASK);
}

/* The outer packet, and the GRE header in it. */
static __always_inline enum punt read_tunnel(struct xdp_md *ctx, struct packet *packet)
{
	const struct ipv4 *outer = start(ctx) + sizeof(struct ethernet);
	const struct gre *gre = (const void *)(outer + 1);
	const __be32 *key = (const void *)(gre + 1);

	/* A shorter one holds no packet of a UE, however short its headers. */
	if ((void *)(key + 1) > end(ctx))
		return PUNT_MALFORMED;
	packet->frame_length = end(ctx) - start(ctx);
	packet->outer_end = sizeof(struct ethernet) + be16(outer->total_length);
	packet->outer_source = outer->source;
	if (outer->version_and_length != 0x45 || outer->fragment & be16(IP_FRAGMENT) || header_sum(outer) != 0xffff ||
	    packet->outer_end > packet->frame_length)
		return PUNT_OUTER;
	packet->protocol = gre->protocol;
	packet->inner_at = sizeof(struct ethernet) + sizeof(*outer) + sizeof(*gre);
	if (gre->flags == be16(GRE_KEY)) {
		packet->has_key = 1;
		packet->key = *key;
		packet->inner_at += sizeof(*key);
	} else if (gre->flags != 0) {
		return PUNT_GRE_OPTIONS;
	}
	return PUNT_NONE;
}

/* The UE's packet, at `inner_at`. */
static __always_inline enum punt read_inner(struct xdp_md *ctx, struct packet *packet)
{
	const struct ipv4 *ip = behind(ctx, packet->inner_at);

	if ((void *)(ip + 1) > end(ctx) || packet->inner_at + sizeof(*ip) > packet->outer_end)
		return PUNT_MALFORMED;
	if (ip->version_and_length != 0x45)
		return ip->version_and_length > 0x45 && ip->version_and_length < 0x50 ? PUNT_IP_OPTIONS : PUNT_MALFORMED;
	packet->inner_length = be16(ip->total_length);
	if (packet->inner_length < sizeof(*ip) || packet->inner_at + packet->inner_length > packet->outer_end)
		return PUNT_MALFORMED;
	if (header_sum(ip) != 0xffff)
		return PUNT_BAD_CHECKSUM;
	if (ip->fragment & be16(IP_FRAGMENT))
		return PUNT_FRAGMENT;
	packet->source = ip->source;
	packet->destination = ip->destination;
	packet->tos = ip->tos;
	packet->ttl = ip->ttl;
	return PUNT_NONE;
}

/* RFC 2131 section 4.1. */
static __always_inline int is_dhcp_to_server(struct xdp_md *ctx, const struct packet *packet)
{
	const struct ipv4 *ip = behind(ctx, packet->inner_at);
	const struct udp *udp = (const void *)(ip + 1);

	if (packet->inner_length < sizeof(*ip) + sizeof(*udp) || (void *)(udp + 1) > end(ctx))
		return 0;
	return ip->protocol == IP_UDP && udp->source == be16(DHCP_CLIENT) && udp->destination == be16(DHCP_SERVER);
}

/*
 * The place that a name leads to, and one; 0 if it leads nowhere. A name has up to 48 bits, in two numbers. The sum, the
 * mixture (the finalizer of MurmurHash3) and the slots are those of src/forwarding/fast-path/place-index.ts.
 */
static __always_inline __u32 set_of(__u32 low, __u16 high)
{
	__u32 mixed = low ^ (high & 0xff) * 0x9e3779b1;

	mixed = (mixed ^ mixed >> 16) * 0x85ebca6b;
	mixed = (mixed ^ mixed >> 13) * 0xc2b2ae35;
	return ((mixed ^ mixed >> 16) + (high >> 8)) & config.set_mask;
}

static __always_inline __u32 place_of(const struct place_set *set, __u32 low, __u16 high)
{
	__u64 wanted = (__u64)low << 32 | (__u64)(high & 0xff) << PLACE_BITS;

	if (!set)
		return 0;
	for (int index = 0; index < PLACE_SLOTS; index++) {
		/* The place may be gone from one look to the next. */
		__u64 slot = *(volatile const __u64 *)&set->slots[index] ^ wanted;

		if (slot >> PLACE_BITS == 0 && slot != 0)
			return slot;
	}
	return 0;
}

/* What was read before is older than what is read after it. x86 promises that, so this is nothing there. */
static __always_inline void in_order(void)
{
	__u64 nothing = 0;

	if (config.weakly_ordered) {
		nothing = __sync_fetch_and_add(&nothing, 1);
		asm volatile("" : : "r"(nothing));
	}
	asm volatile("" : : : "memory");
}

/*
 * Copies the session in a place. Its identifier or MAC address is to be compared with what it was found by: the place may
 * have become another session's in between.
 */
static __always_inline enum punt read_session(struct packet *packet, __u32 place, enum punt if_none)
{
	struct session *session = bpf_map_lookup_elem(&sessions, &place);
	__u32 version;

	if (!session)
		return if_none;
	packet->place = place;
	packet->usage = &session->usage;
	version = *(volatile __u32 *)&session->version;
	in_order();
	__builtin_memcpy(&packet->session.id, &session->id, SESSION_WRITTEN);
	in_order();
	if (version & 1 || version != *(volatile __u32 *)&session->version)
		return PUNT_CHANGING;
	return packet->session.id ? PUNT_NONE : if_none;
}

/* Where a session is to be by its identifier: src/forwarding/fast-path/home-place.ts. */
static __always_inline __u32 home_of(__u32 id)
{
	if (config.instances <= 1)
		return id & config.home_mask;
	return id % config.instances * config.places_each + (id / config.instances & config.home_mask);
}

/* Most sessions are at home: then nothing but the session itself is looked at. */
static __always_inline enum punt session_by_key(struct packet *packet)
{
	__u32 id = be32(packet->key);
	__u32 place = home_of(id);
	const struct session *session;
	enum punt punt;
	__u32 set;

	if (!packet->has_key)
		return PUNT_UNKNOWN_KEY;
	session = bpf_map_lookup_elem(&sessions, &place);
	if (!session || *(volatile const __be32 *)&session->id != packet->key) {
		set = set_of(id, 0);
		place = place_of(bpf_map_lookup_elem(&places_by_id, &set), id, 0);
		if (place == 0)
			return PUNT_UNKNOWN_KEY;
		place--;
	}
	punt = read_session(packet, place, PUNT_UNKNOWN_KEY);
	if (punt)
		return punt;
	return packet->session.id == packet->key ? PUNT_NONE : PUNT_UNKNOWN_KEY;
}

static __always_inline int is_eogre(const struct path *path, const struct packet *packet, __be16 vlan)
{
	return path->kind == PATH_EOGRE && path->peer == packet->outer_source && path->has_key == packet->has_key &&
	       path->key == packet->key && path->vlan == vlan;
}

static __always_inline int is_pmipv6(const struct path *path, const struct packet *packet)
{
	return path->kind == PATH_PMIPV6 && path->peer == packet->outer_source;
}

/* Router.#clamp: only the MSS that is the first option is lowered here; where else it stands, the slow path finds it. */
static __always_inline enum punt examine_syn(struct xdp_md *ctx, struct packet *packet)
{
	const struct ipv4 *ip = behind(ctx, packet->inner_at);
	const struct tcp *tcp = (const void *)(ip + 1);
	const struct mss_option *option = (const void *)(tcp + 1);
	__u32 header_length;

	if (packet->session.mss_max == 0 || packet->inner_length < sizeof(*ip) + sizeof(*tcp) + sizeof(*option) ||
	    (void *)(option + 1) > end(ctx) || ip->protocol != IP_TCP || !(tcp->flags & TCP_SYN))
		return PUNT_NONE;
	header_length = (tcp->data_offset >> 4) * 4;
	/* Without options, or not a header: forwarded as it is. */
	if (header_length <= sizeof(*tcp) || sizeof(*ip) + header_length > packet->inner_length)
		return PUNT_NONE;
	if (option->kind != TCP_MSS || option->length != TCP_MSS_LENGTH)
		return PUNT_SYN_OPTIONS;
	packet->clamp = be16(option->value) > packet->session.mss_max;
	return PUNT_NONE;
}

static __always_inline void examine_icmp(struct xdp_md *ctx, struct packet *packet)
{
	const struct ipv4 *ip = behind(ctx, packet->inner_at);
	const struct icmp *icmp = (const void *)(ip + 1);

	if (packet->inner_length < sizeof(*ip) + sizeof(*icmp) || (void *)(icmp + 1) > end(ctx) || ip->protocol != IP_ICMP)
		return;
	packet->fragmentation_needed = icmp->type_and_code == be16(ICMP_FRAGMENTATION_NEEDED);
}

/* What a router looks at before it forwards: Router.forwardUplink, Router.forwardDownlink. */
static __always_inline enum punt examine_forwarding(struct xdp_md *ctx, struct packet *packet, __u32 mtu)
{
	if (packet->ttl <= 1)
		return PUNT_TTL_EXPIRED;
	if (packet->inner_length > mtu)
		return PUNT_TOO_BIG;
	examine_icmp(ctx, packet);
	return examine_syn(ctx, packet);
}

/* What the session may send or receive: SlowPath.#fromUe, SlowPath.#downlink. */
static __always_inline enum punt examine_limits(struct xdp_md *ctx, struct packet *packet, int is_uplink, __u32 list)
{
	const struct ipv4 *ip = behind(ctx, packet->inner_at);
	/* The ports of TCP, UDP and SCTP are the first four octets of their headers. */
	const __be16 *ports = (const void *)(ip + 1);
	struct flow flow = { .source = packet->source, .destination = packet->destination };

	if (packet->session.held_back & HELD_BACK)
		return PUNT_HELD_BACK;
	if (list) {
		if ((void *)(ip + 1) > end(ctx))
			return PUNT_MALFORMED;
		flow.protocol = ip->protocol;
		if (packet->inner_length >= sizeof(*ip) + 2 * sizeof(*ports) && (void *)(ports + 2) <= end(ctx)) {
			flow.shows_ports = 1;
			flow.source_port = be16(ports[0]);
			flow.destination_port = be16(ports[1]);
		}
		if (!permits(list, &flow))
			return PUNT_FILTERED;
	}
	if (!packet->session.limited ||
	    within_rate(packet->place, packet->session.id, packet->inner_length, packet->now, is_uplink))
		return PUNT_NONE;
	return PUNT_RATE;
}

/* SlowPath.#ipFromEogre, in its order. */
static __always_inline enum punt from_eogre(struct xdp_md *ctx, struct packet *packet)
{
	const struct ethernet *frame = behind(ctx, packet->inner_at);
	const struct vlan_tag *tag = (const void *)(frame + 1);
	const struct session *session = &packet->session;
	__be16 type, vlan = 0;
	__u64 mac = 0;
	__u32 low, set, place;
	__u16 high;
	enum punt punt;

	/* With a tag or the beginning of a packet behind it. */
	if ((void *)(tag + 1) > end(ctx))
		return PUNT_MALFORMED;
	__builtin_memcpy(&mac, frame->source, sizeof(frame->source));
	type = frame->type;
	packet->inner_at += sizeof(*frame);
	if (type == be16(ETHER_TYPE_VLAN)) {
		type = tag->type;
		vlan = tag->control & be16(VLAN_ID);
		packet->inner_at += sizeof(*tag);
	}
	packet->is_arp = type == be16(ETHER_TYPE_ARP);
	if (type != be16(ETHER_TYPE_IPV4))
		return PUNT_NOT_IPV4;
	punt = read_inner(ctx, packet);
	if (punt)
		return punt;
	if (is_dhcp_to_server(ctx, packet))
		return PUNT_DHCP;
	low = be32((__u32)(mac >> 16));
	high = be16((__u16)mac);
	set = set_of(low, high);
	place = place_of(bpf_map_lookup_elem(&places_by_mac, &set), low, high);
	if (place == 0)
		return PUNT_UNKNOWN_MAC;
	punt = read_session(packet, place - 1, PUNT_UNKNOWN_MAC);
	if (punt)
		return punt;
	if (session->mac != mac)
		return PUNT_UNKNOWN_MAC;
	if (!is_unicast_host(packet->destination))
		return PUNT_NOT_FORWARDABLE;
	if (!is_eogre(&session->access, packet, vlan) &&
	    !(packet->now < session->previous_until && is_eogre(&session->previous, packet, vlan)))
		return PUNT_OTHER_ENDPOINT;
	return PUNT_NONE;
}

/* SlowPath.#fromPmipv6, in its order. */
static __always_inline enum punt from_pmipv6(struct xdp_md *ctx, struct packet *packet)
{
	const struct session *session = &packet->session;
	enum punt punt = session_by_key(packet);

	if (punt)
		return punt;
	if (!is_pmipv6(&session->access, packet) &&
	    !(packet->now < session->previous_until && is_pmipv6(&session->previous, packet)))
		return PUNT_OTHER_ENDPOINT;
	punt = read_inner(ctx, packet);
	if (punt)
		return punt;
	return is_unicast_host(packet->destination) ? PUNT_NONE : PUNT_NOT_FORWARDABLE;
}

static __always_inline enum punt examine_uplink(struct xdp_md *ctx, struct packet *packet)
{
	enum punt punt;

	if (packet->protocol == be16(GRE_TRANSPARENT_ETHERNET))
		punt = from_eogre(ctx, packet);
	else if (packet->protocol == be16(ETHER_TYPE_IPV4))
		punt = from_pmipv6(ctx, packet);
	else
		punt = PUNT_GRE_PROTOCOL;
	if (punt)
		return punt;
	if (packet->source != packet->session.address)
		return PUNT_WRONG_ADDRESS;
	if (packet->destination == packet->session.router)
		return PUNT_TO_ROUTER;
	punt = examine_limits(ctx, packet, 1, packet->session.uplink_list);
	if (punt)
		return punt;
	return examine_forwarding(ctx, packet, packet->session.lma_inner_mtu);
}

/* SlowPath.#downlink, in its order. */
static __always_inline enum punt examine_downlink(struct xdp_md *ctx, struct packet *packet)
{
	const struct session *session = &packet->session;
	enum punt punt;

	if (packet->protocol != be16(ETHER_TYPE_IPV4))
		return PUNT_GRE_PROTOCOL;
	punt = session_by_key(packet);
	if (punt)
		return punt;
	if (session->lma != packet->outer_source)
		return PUNT_WRONG_PEER;
	punt = read_inner(ctx, packet);
	if (punt)
		return punt;
	if (packet->destination != session->address)
		return PUNT_WRONG_ADDRESS;
	if (session->access.kind == PATH_NONE)
		return PUNT_NO_ACCESS;
	punt = examine_limits(ctx, packet, 0, session->downlink_list);
	if (punt)
		return punt;
	return examine_forwarding(ctx, packet, session->access.inner_mtu);
}
