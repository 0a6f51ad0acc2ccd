"""Prints each datagram that comes to a Unix socket, a line each. The name of an abstract socket begins with @."""
import socket, sys

path = sys.argv[1]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind("\0" + path[1:] if path.startswith("@") else path)
print("listening", flush=True)
while True:
    print(listener.recv(4096).decode(), flush=True)
