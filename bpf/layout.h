/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What the program and the gateway both know: the values of the maps, the configuration, the counters.
 * src/forwarding/fast-path/ has the other side, and its test compares the two by the BTF of the object.
 *
 * Addresses, keys and MAC addresses are as they are in packets; all other numbers are the machine's.
 */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum path_kind {
	PATH_NONE = 0,
	PATH_EOGRE = 1,
	PATH_PMIPV6 = 2,
};

/* Where a UE is attached, or was until now. */
struct path {
	__be32 peer;
	/* EoGRE: of both directions, if has_key. PMIPv6: toward the MAG; the other way it is the session's id. */
	__be32 key;
	/* EoGRE: the VLAN identifier in network order; 0 for untagged. */
	__be16 vlan;
	__u8 kind;
	__u8 has_key;
	/* The longest packet of the UE that fits into the tunnel, in octets. */
	__u32 inner_mtu;
};

/* What a session moved in one direction. `last` is the time of its last packet, on CLOCK_MONOTONIC. */
struct direction_usage {
	__u64 packets;
	__u64 octets;
	__u64 last;
};

struct usage {
	struct direction_usage uplink;
	struct direction_usage downlink;
};

/* All packets of a session are left to the slow path; that they are is counted nowhere. */
#define HELD_BACK 1
#define HELD_BACK_UNTOLD 2

/*
 * A session, in two cache lines that follow one another; the first has what most packets need. The gateway writes it in shared
 * memory, between two changes of `version`, so that no packet goes by half of a handover: see docs/fast-path.md, "One update".
 */
struct session {
	/* Odd while the rest is being written; the usage alone is written at all times. */
	__u32 version;
	/* The session's identifier, which is the GRE key toward us on both sides; 0 marks an empty place. */
	__be32 id;
	/* Six octets, then two of zero. */
	__u64 mac;
	__be32 address;
	__be32 router;
	struct path access;
	__be32 lma;
	__be32 lma_key;
	__u16 lma_inner_mtu;
	/* The largest MSS that a SYN may offer; 0 to leave SYNs alone. */
	__u16 mss_max;
	/* HELD_BACK and HELD_BACK_UNTOLD. */
	__u8 held_back;
	/* It has a rate, in limits_by_place. */
	__u8 limited;
	/* The numbers of its access lists; 0 for none. */
	__u8 uplink_list;
	__u8 downlink_list;
	/* Until when uplink from `previous` is taken: nanoseconds of CLOCK_MONOTONIC. */
	__u64 previous_until;
	struct path previous;
	struct usage usage;
};

/* Octets a second; written by the gateway through shared memory, both at once. */
#define NO_LIMIT 0xffffffff
struct limits {
	__u32 uplink;
	__u32 downlink;
};

struct bucket {
	__u64 filled_at;
	__u64 tokens;
};

/* What a session may still send and receive. Another session in its place begins anew. */
struct policer {
	struct bpf_spin_lock lock;
	__be32 id;
	struct bucket uplink;
	struct bucket downlink;
};

#define ANY_PROTOCOL 256
struct access_rule {
	__be32 source;
	__be32 source_mask;
	__be32 destination;
	__be32 destination_mask;
	__u16 source_first;
	__u16 source_last;
	__u16 destination_first;
	__u16 destination_last;
	__u16 protocol;
	__u16 permits;
};

/* Sessions of a longer list are held back. */
#define ACCESS_RULES_MAX 64
struct access_list {
	__u32 count;
	struct access_rule rules[ACCESS_RULES_MAX];
};

/*
 * Some of the names that lead to places, in two cache lines: src/forwarding/fast-path/place-index.ts writes them. A slot has, from its lowest
 * bits on, the place and one, or 0 for none; eight bits of the name; and its low 32 bits. The rest is in the number of the set.
 */
#define PLACE_SLOTS 16

struct place_set {
	__u64 slots[PLACE_SLOTS];
};

#define PLACE_BITS 24

/* What is the same for all packets as long as the program is loaded. */
struct config {
	__be32 access_address;
	__be32 s2a_address;
	/* The source of frames toward UEs: six octets. */
	__u16 vmac[3];
	__u16 reserved;
	/* The nanoseconds in which an endpoint earns one packet sent up, and a second's worth at most; 0 for no limit. */
	__u32 punt_interval;
	/* The same for all endpoints together, with a small part of a second's worth at most. */
	__u32 punt_interval_in_all;
	/* For how many nanoseconds a way is gone by before the kernel is asked again; 0 to ask for each packet. */
	__u32 way_lifetime;
	/* The sets of each index, but one: they are a power of two. */
	__u32 set_mask;
	/* What a bucket of octets holds at least. */
	__u32 burst_min;
	/* Session manager instances, each of which has so many places that follow one another; and which bits of an identifier tell one of them. */
	__u32 instances;
	__u32 places_each;
	__u32 home_mask;
	/* 1 where a processor may see what another one wrote in another order. */
	__u32 weakly_ordered;
};

/* The way to a tunnel endpoint, as the kernel told it to this CPU. */
struct way {
	__be32 from;
	__be32 to;
	/* Until when it is gone by: nanoseconds of CLOCK_MONOTONIC. */
	__u64 until;
	__u32 port;
	/* The longest outer packet that goes this way whole. */
	__u16 mtu;
	__u8 tos;
	__u8 reserved;
	__u8 next_hop[6];
	__u8 own_mac[6];
	/* No packet up to this length needs to be noted in `tunnels` before `until`: a longer one was. */
	__u16 noted;
	__u16 padding;
};

/* A power of two; endpoints that share an entry take it from each other. */
#define WAYS 4096

/* A tunnel of the gateway's, by its other end. */
enum side {
	SIDE_ACCESS = 0,
	SIDE_S2A,
};

struct tunnel_end {
	__be32 peer;
	/* enum side */
	__u32 side;
};

/* What packets of a tunnel say of its MTU. Lengths are those of outer packets, in octets. */
struct tunnel_figures {
	/* SYNs that came by it and had their MSS lowered. */
	__u64 mss_clamped;
	/* ICMP Fragmentation Needed that came by it, and went on. */
	__u64 fragmentation_needed;
	/* Fragments of outer packets that came by it, and the longest of them that was not the last of its packet. */
	__u64 fragments;
	__u16 longest_fragment;
	__u16 longest_received;
	__u16 longest_sent;
	__u16 reserved;
};

/* Who sent to this CPU, and up to which length its packets need not be noted in `tunnels` until then. */
struct arrival {
	__be32 peer;
	__u16 noted;
	__u16 side;
	__u64 until;
};

/* What changes while packets flow: one word, so that it changes at once. */
struct state {
	/*
	 * Until when packets are forwarded: nanoseconds of CLOCK_MONOTONIC. 0 on a standby: everything goes up. Whoever forwards
	 * writes a later one time and again, so that sessions nobody keeps any more are not served for ever.
	 */
	__u64 until;
};

/* What is sent up has two queues, so that neither can keep the other from being served. */
enum punt_class {
	/* Packets of UEs. */
	PUNT_DATA = 0,
	/* What UEs become attached by, and stay: DHCP and ARP. */
	PUNT_SIGNALLING = 1,
	PUNT_CLASSES,
};

struct punt_source {
	__be32 endpoint;
	/* enum punt_class */
	__u32 class;
};

/* What may still be sent up, by a tunnel endpoint or by all, as the time in which it was earned. */
struct punt_budget {
	__u64 filled_at;
	__u64 credit;
};

/*
 * Why a packet goes up to the slow path, which then decides about it. Where the slow path would drop, the name is
 * that of its counter.
 */
enum punt {
	PUNT_NONE = 0,
	PUNT_PASSIVE,
	PUNT_OUTER,
	PUNT_GRE_OPTIONS,
	PUNT_GRE_PROTOCOL,
	PUNT_MALFORMED,
	PUNT_BAD_CHECKSUM,
	PUNT_NOT_IPV4,
	PUNT_IP_OPTIONS,
	PUNT_FRAGMENT,
	PUNT_DHCP,
	PUNT_UNKNOWN_MAC,
	PUNT_UNKNOWN_KEY,
	PUNT_NOT_FORWARDABLE,
	PUNT_OTHER_ENDPOINT,
	PUNT_WRONG_PEER,
	PUNT_WRONG_ADDRESS,
	PUNT_TO_ROUTER,
	PUNT_NO_ACCESS,
	PUNT_TTL_EXPIRED,
	PUNT_TOO_BIG,
	PUNT_SYN_OPTIONS,
	PUNT_NO_ROUTE,
	PUNT_NO_NEIGHBOUR,
	PUNT_NO_PORT,
	PUNT_NO_ROOM,
	PUNT_HELD_BACK,
	PUNT_CHANGING,
	/* Those that follow are dropped at once. */
	PUNT_FILTERED,
	PUNT_RATE,
	PUNT_REASONS,
};

/* What one CPU did. */
struct counters {
	__u64 uplink_packets;
	__u64 uplink_octets;
	__u64 downlink_packets;
	__u64 downlink_octets;
	__u64 mss_clamped;
	/* Dropped, because their endpoint had sent up too many. */
	__u64 policed;
	/* Makes the identification of outer headers; it is not a figure of anything. */
	__u64 identification;
	__u64 uplink_punts[PUNT_REASONS];
	__u64 downlink_punts[PUNT_REASONS];
};
