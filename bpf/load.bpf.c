/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * A load for the fast path, and what to compare it with. The generators are run by BPF_PROG_TEST_RUN with live frames: each run
 * makes one packet of a session drawn at random, and sends it. Frames come back with whatever was written into them on
 * their way, so all headers are written anew.
 */
#include "packet.h"

#define HEADERS_LENGTH 80

/* Of the UE's packets: by these they are known where they arrive. */
#define LOAD_SOURCE_PORT 4000
#define LOAD_DESTINATION_PORT 5000

/* Where the two kinds of packets have what differs from session to session. */
#define UPLINK_MAC_AT 44
#define UPLINK_CHECKSUM_AT 62
#define UPLINK_ADDRESS_AT 64
#define DOWNLINK_KEY_AT 38
#define DOWNLINK_CHECKSUM_AT 52
#define DOWNLINK_ADDRESS_AT 58

struct load {
	/* Ethernet, outer IPv4, GRE, and the beginning of the UE's packet, of the first session. */
	__u64 headers[HEADERS_LENGTH / 8];
	__u32 sessions;
	/* Of the first session, in the machine's order: the others follow. The MAC address without its first two octets. */
	__u32 mac;
	__u32 address;
	__u32 key;
	/* What each session's key is more than the one's before, modulo 2^32. */
	__u32 key_step;
	/* The sum of the UE's IPv4 header without address and checksum. */
	__u32 sum;
};

const volatile struct load load SEC(".rodata");

/* 0: where the generator sends; 1: where the bare redirect does. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} load_ports SEC(".maps");

/* Packets are sent no faster than one each `interval` nanoseconds, if that is not 0; the next is due at `due`. */
struct pace {
	__u64 interval;
	__u64 due;
	/* How many were made. */
	__u64 made;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pace);
} pace SEC(".maps");

struct sunk {
	__u64 packets;
	__u64 octets;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sunk);
} sunk SEC(".maps");

/*
 * How far behind its schedule the generator makes up for what was not sent: a longer pause is nobody's burst. Of a million packets a
 * second that are a hundred, for which the queue of an interface has room.
 */
#define LATE_MAX 100000
/* The times that the clock is looked at for one packet at most: some milliseconds. */
#define LOOKS_MAX 200000

static long is_due(__u32 look, void *due)
{
	return bpf_ktime_get_ns() >= *(__u64 *)due;
}

/* Waits until the next packet is due. */
static __always_inline void await_turn(void)
{
	__u32 only = 0;
	struct pace *own = bpf_map_lookup_elem(&pace, &only);
	__u64 due, now;

	if (!own)
		return;
	own->made++;
	if (own->interval == 0)
		return;
	now = bpf_ktime_get_ns();
	due = own->due + LATE_MAX < now ? now : own->due;
	if (now < due)
		bpf_loop(LOOKS_MAX, is_due, &due, 0);
	own->due = due + own->interval;
}

/* Writes the headers when the packet is due; the session that the packet is of. */
static __always_inline __u32 write_headers(__u64 *headers)
{
	await_turn();
#pragma unroll
	for (int index = 0; index < HEADERS_LENGTH / 8; index++)
		headers[index] = load.headers[index];
	return bpf_get_prandom_u32() % load.sessions;
}

/* Gives the UE's packet an address, and the checksum that goes with it. */
static __always_inline void write_address(void *address_at, void *checksum_at, __u32 session)
{
	__be32 address = be32(load.address + session);

	*(__be32 *)address_at = address;
	*(__u16 *)checksum_at = ~folded(load.sum + (address & 0xffff) + (address >> 16));
}

SEC("xdp")
int load_uplink(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	__u32 session;

	if (data + HEADERS_LENGTH > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	session = write_headers(data);
	*(__be32 *)(data + UPLINK_MAC_AT + 2) = be32(load.mac + session);
	write_address(data + UPLINK_ADDRESS_AT, data + UPLINK_CHECKSUM_AT, session);
	return bpf_redirect_map(&load_ports, 0, 0);
}

SEC("xdp")
int load_downlink(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	__u32 session;

	if (data + HEADERS_LENGTH > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	session = write_headers(data);
	*(__be32 *)(data + DOWNLINK_KEY_AT) = be32(load.key + session * load.key_step);
	write_address(data + DOWNLINK_ADDRESS_AT, data + DOWNLINK_CHECKSUM_AT, session);
	return bpf_redirect_map(&load_ports, 0, 0);
}

/* The least that a program which forwards can do: the limit of what can be had. */
SEC("xdp")
int bare_redirect(struct xdp_md *ctx)
{
	return bpf_redirect_map(&load_ports, 1, 0);
}

/* Leaves all to the kernel's stack: a veth takes what XDP redirects to its other end only while it has a program. */
SEC("xdp")
int pass_all(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* Whether it is a packet that a generator made, in either kind of tunnel: by the ports of the UE's packet. */
static __always_inline int is_load(const struct xdp_md *ctx)
{
	const struct ethernet *ethernet = (void *)(long)ctx->data;
	const struct ipv4 *outer = (const void *)(ethernet + 1);
	const struct gre *gre = (const void *)(outer + 1);
	const void *end = (void *)(long)ctx->data_end;
	const struct ethernet *frame;
	const struct ipv4 *ip;
	const struct udp *udp;

	if ((void *)(gre + 1) > end || ethernet->type != be16(ETHER_TYPE_IPV4) || outer->protocol != IP_GRE)
		return 0;
	frame = (const void *)(gre + 1) + (gre->flags & be16(GRE_KEY) ? sizeof(__be32) : 0);
	ip = (const void *)frame;
	if (gre->protocol == be16(GRE_TRANSPARENT_ETHERNET)) {
		ip = (const void *)(frame + 1);
		if ((void *)ip > end)
			return 0;
		if (frame->type == be16(ETHER_TYPE_VLAN))
			ip = (const void *)ip + sizeof(struct vlan_tag);
	}
	udp = (const void *)(ip + 1);
	return (void *)(udp + 1) <= end && ip->protocol == IP_UDP && udp->source == be16(LOAD_SOURCE_PORT) &&
	       udp->destination == be16(LOAD_DESTINATION_PORT);
}

/* Counts the load that arrives, and takes it off the wire; all else passes. */
SEC("xdp")
int load_sink(struct xdp_md *ctx)
{
	__u32 only = 0;
	struct sunk *arrived = bpf_map_lookup_elem(&sunk, &only);

	if (!arrived || !is_load(ctx))
		return XDP_PASS;
	arrived->packets++;
	arrived->octets += ctx->data_end - ctx->data;
	return XDP_DROP;
}

const char LICENSE[] SEC("license") = "GPL";
