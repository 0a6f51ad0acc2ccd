/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Headers as they are in packets, and the arithmetic on them. None has padding between its fields, and the processors
 * that BPF runs on here read what is not aligned.
 */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define be16(value) bpf_htons(value)
#define be32(value) bpf_htonl(value)

#define ETHER_TYPE_IPV4 0x0800
#define ETHER_TYPE_ARP 0x0806
#define ETHER_TYPE_VLAN 0x8100
#define GRE_TRANSPARENT_ETHERNET 0x6558
#define GRE_KEY 0x2000
#define IP_ICMP 1
#define IP_TCP 6
#define IP_UDP 17
#define IP_GRE 47
#define IP_DONT_FRAGMENT 0x4000
/* More Fragments, and the offset. */
#define IP_FRAGMENT 0x3fff
#define IP_MORE_FRAGMENTS 0x2000
#define VLAN_ID 0x0fff
#define TCP_SYN 0x02
#define TCP_MSS 2
#define TCP_MSS_LENGTH 4
/* Destination Unreachable with the code of Fragmentation Needed (RFC 792). */
#define ICMP_FRAGMENTATION_NEEDED 0x0304

struct ethernet {
	__u8 destination[6];
	__u8 source[6];
	__be16 type;
};

struct vlan_tag {
	__be16 control;
	__be16 type;
};

struct ipv4 {
	__u8 version_and_length;
	__u8 tos;
	__be16 total_length;
	__be16 identification;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__be16 checksum;
	__be32 source;
	__be32 destination;
};

struct gre {
	__be16 flags;
	__be16 protocol;
};

struct udp {
	__be16 source;
	__be16 destination;
	__be16 length;
	__be16 checksum;
};

struct tcp {
	__be16 source;
	__be16 destination;
	__be32 sequence;
	__be32 acknowledgement;
	__u8 data_offset;
	__u8 flags;
	__be16 window;
	__be16 checksum;
	__be16 urgent;
};

struct icmp {
	__be16 type_and_code;
	__be16 checksum;
	__be32 rest;
};

/* The Maximum Segment Size option (RFC 9293 section 3.2). */
struct mss_option {
	__u8 kind;
	__u8 length;
	__be16 value;
};

static __always_inline __u16 folded(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/*
 * The ones' complement sum of a header without options, in the machine's byte order: the sum does not mind (RFC 1071
 * section 2). 0xffff if the header's own checksum is right.
 */
static __always_inline __u16 header_sum(const struct ipv4 *ip)
{
	const __u16 *word = (const __u16 *)ip;
	__u32 sum = 0;

#pragma unroll
	for (int index = 0; index < 10; index++)
		sum += word[index];
	return folded(sum);
}

/* Equation 3 of RFC 1624: the checksum after one covered word changed. */
static __always_inline __u16 updated_checksum(__u16 checksum, __u16 before, __u16 after)
{
	return ~folded((__u32)(__u16)~checksum + (__u16)~before + after);
}

/* Takes one from the TTL, which is above 1 (RFC 1812 section 5.3.1). */
static __always_inline void decrement_ttl(struct ipv4 *ip)
{
	__u16 *word = (__u16 *)&ip->ttl;
	__u16 before = *word;

	ip->ttl--;
	ip->checksum = updated_checksum(ip->checksum, before, *word);
}

/* Not 0.0.0.0/8, not 127.0.0.0/8, not above 224.0.0.0 (RFC 1122 section 3.2.1.3). */
static __always_inline int is_unicast_host(__be32 address)
{
	__u8 network = bpf_ntohl(address) >> 24;

	return network != 0 && network != 127 && network < 224;
}
