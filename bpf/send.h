/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The way to the next tunnel endpoint, and the packet as it leaves. */
#pragma once

#include "note.h"

#define AF_INET 2
#define LOOPBACK_IFINDEX 1
#define OUTER_TTL 64
#define DSCP 0xfc

/* In front of a UE's packet in a tunnel that carries IP: Ethernet, IPv4, and GRE with a key. */
#define IP_TUNNEL_LENGTH (sizeof(struct ethernet) + sizeof(struct ipv4) + sizeof(struct gre) + sizeof(__be32))

/* The tunnel that a packet leaves by. */
struct tunnel {
	__be32 from;
	__be32 to;
	/* Of all headers in front of the UE's packet, in octets. */
	__u32 length;
	struct way *way;
};

/*
 * Asks the kernel which way a packet of the gateway's own goes to a tunnel endpoint. As for every packet that a host
 * sends itself, the interface it comes from is the loopback: its `forwarding` setting has to be on, and no other.
 */
static __always_inline enum punt ask_for_way(struct xdp_md *ctx, const struct packet *packet,
					     const struct tunnel *tunnel, __u16 outer_length, struct way *found)
{
	struct bpf_fib_lookup way = {
		.family = AF_INET,
		.l4_protocol = IP_GRE,
		.tos = packet->tos & DSCP,
		.tot_len = outer_length,
		.ipv4_src = tunnel->from,
		.ipv4_dst = tunnel->to,
		.ifindex = LOOPBACK_IFINDEX,
	};
	long outcome = bpf_fib_lookup(ctx, &way, sizeof(way), 0);

	/* Whatever happens, what was known before is not to be gone by. */
	found->until = 0;
	if (outcome == BPF_FIB_LKUP_RET_NO_NEIGH)
		return PUNT_NO_NEIGHBOUR;
	if (outcome == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		return PUNT_TOO_BIG;
	if (outcome != BPF_FIB_LKUP_RET_SUCCESS)
		return PUNT_NO_ROUTE;
	if (!bpf_map_lookup_elem(&ports, &way.ifindex))
		return PUNT_NO_PORT;
	found->from = tunnel->from;
	found->to = tunnel->to;
	found->until = packet->now + config.way_lifetime;
	found->port = way.ifindex;
	/* Before Linux 5.12 it is what was asked for: then longer packets ask again. */
	found->mtu = way.mtu_result;
	found->tos = packet->tos & DSCP;
	__builtin_memcpy(found->next_hop, way.dmac, sizeof(found->next_hop));
	__builtin_memcpy(found->own_mac, way.smac, sizeof(found->own_mac));
	return PUNT_NONE;
}

/* The way to the tunnel's other end: one that was told not long ago, or the kernel's answer. */
static __always_inline enum punt find_way(struct xdp_md *ctx, const struct packet *packet, struct tunnel *tunnel)
{
	__u32 entry = entry_of(tunnel->to);
	__u16 outer_length = tunnel->length - sizeof(struct ethernet) + packet->inner_length;
	struct way *way = bpf_map_lookup_elem(&ways, &entry);
	enum punt punt = PUNT_NONE;

	if (!way)
		return PUNT_NO_ROUTE;
	tunnel->way = way;
	if (way->to != tunnel->to || way->from != tunnel->from || way->tos != (packet->tos & DSCP) ||
	    packet->now >= way->until || outer_length > way->mtu)
		punt = ask_for_way(ctx, packet, tunnel, outer_length, way);
	else if (outer_length <= way->noted)
		return PUNT_NONE;
	if (!punt)
		way->noted = note_sent(tunnel->to, tunnel->from == config.access_address ? SIDE_ACCESS : SIDE_S2A,
				       outer_length);
	return punt;
}

/*
 * Removes the padding behind the UE's packet, and makes what is in front of it as long as the tunnel's headers. If this
 * fails, the packet goes up with nothing changed but the padding.
 */
static __always_inline enum punt make_room(struct xdp_md *ctx, const struct packet *packet, const struct tunnel *tunnel)
{
	int padding = packet->frame_length - (packet->inner_at + packet->inner_length);

	if (padding > 0 && bpf_xdp_adjust_tail(ctx, -padding) != 0)
		return PUNT_NO_ROOM;
	return bpf_xdp_adjust_head(ctx, (int)packet->inner_at - (int)tunnel->length) == 0 ? PUNT_NONE : PUNT_NO_ROOM;
}

/* Ethernet, IPv4 and GRE up to the key: what every packet that leaves begins with. */
static __always_inline void write_tunnel(const struct packet *packet, const struct tunnel *tunnel,
					 struct ethernet *ethernet, __be16 protocol, __be16 flags, __u16 identification)
{
	struct ipv4 *ip = (void *)(ethernet + 1);
	struct gre *gre = (void *)(ip + 1);

	__builtin_memcpy(ethernet->destination, tunnel->way->next_hop, sizeof(ethernet->destination));
	__builtin_memcpy(ethernet->source, tunnel->way->own_mac, sizeof(ethernet->source));
	ethernet->type = be16(ETHER_TYPE_IPV4);
	ip->version_and_length = 0x45;
	/* Not capable of ECN: the compatibility mode of RFC 6040 section 4.1, which does not look inside. */
	ip->tos = packet->tos & DSCP;
	ip->total_length = be16(tunnel->length - sizeof(*ethernet) + packet->inner_length);
	ip->identification = be16(identification);
	/* No Don't Fragment, as with the sockets of the slow path. */
	ip->fragment = 0;
	ip->ttl = OUTER_TTL;
	ip->protocol = IP_GRE;
	ip->checksum = 0;
	ip->source = tunnel->from;
	ip->destination = tunnel->to;
	ip->checksum = ~header_sum(ip);
	gre->flags = flags;
	gre->protocol = protocol;
}

/* What a router does to the UE's packet itself. */
static __always_inline void rewrite_inner(const struct xdp_md *ctx, const struct packet *packet, struct ipv4 *ip)
{
	struct tcp *tcp = (void *)(ip + 1);
	struct mss_option *option = (void *)(tcp + 1);
	__be16 most = be16(packet->session.mss_max);

	decrement_ttl(ip);
	if (!packet->clamp || (void *)(option + 1) > end(ctx))
		return;
	tcp->checksum = updated_checksum(tcp->checksum, option->value, most);
	option->value = most;
}

/* Puts a UE's packet into a tunnel of IP over GRE with a key: toward the LMA, or toward a MAG. */
static __always_inline enum punt put_into_ip_tunnel(struct xdp_md *ctx, const struct packet *packet,
						    struct tunnel *tunnel, __be32 key, __u16 identification)
{
	struct ethernet *ethernet;
	struct ipv4 *carried;
	enum punt punt;

	tunnel->length = IP_TUNNEL_LENGTH;
	punt = find_way(ctx, packet, tunnel);
	if (punt)
		return punt;
	punt = make_room(ctx, packet, tunnel);
	if (punt)
		return punt;
	ethernet = start(ctx);
	carried = (void *)ethernet + IP_TUNNEL_LENGTH;
	if ((void *)(carried + 1) > end(ctx))
		return PUNT_NO_ROOM;
	write_tunnel(packet, tunnel, ethernet, be16(ETHER_TYPE_IPV4), be16(GRE_KEY), identification);
	*((__be32 *)carried - 1) = key;
	rewrite_inner(ctx, packet, carried);
	return PUNT_NONE;
}

/* Puts a UE's packet into a frame, and that into an EoGRE tunnel. */
static __always_inline enum punt put_into_eogre(struct xdp_md *ctx, const struct packet *packet, struct tunnel *tunnel,
						__u16 identification)
{
	const struct path *path = &packet->session.access;
	struct ethernet *ethernet, *frame;
	struct vlan_tag *tag;
	struct ipv4 *carried;
	enum punt punt;

	tunnel->length = sizeof(*ethernet) + sizeof(*carried) + sizeof(struct gre) + (path->has_key ? sizeof(__be32) : 0) +
			 sizeof(*frame) + (path->vlan ? sizeof(*tag) : 0);
	punt = find_way(ctx, packet, tunnel);
	if (punt)
		return punt;
	punt = make_room(ctx, packet, tunnel);
	if (punt)
		return punt;
	ethernet = start(ctx);
	frame = (void *)ethernet + IP_TUNNEL_LENGTH;
	carried = behind(ctx, tunnel->length);
	if ((void *)(frame + 1) > end(ctx) || (void *)(carried + 1) > end(ctx))
		return PUNT_NO_ROOM;
	write_tunnel(packet, tunnel, ethernet, be16(GRE_TRANSPARENT_ETHERNET), path->has_key ? be16(GRE_KEY) : 0,
		     identification);
	if (path->has_key)
		*((__be32 *)frame - 1) = path->key;
	else
		frame = (void *)frame - sizeof(__be32);
	__builtin_memcpy(frame->destination, &packet->session.mac, sizeof(frame->destination));
	for (int index = 0; index < 3; index++)
		((__u16 *)frame->source)[index] = config.vmac[index];
	frame->type = be16(ETHER_TYPE_IPV4);
	if (path->vlan) {
		tag = (void *)(frame + 1);
		if ((void *)(tag + 1) > end(ctx))
			return PUNT_NO_ROOM;
		frame->type = be16(ETHER_TYPE_VLAN);
		tag->control = path->vlan;
		tag->type = be16(ETHER_TYPE_IPV4);
	}
	rewrite_inner(ctx, packet, carried);
	return PUNT_NONE;
}
