"""Types into a program at a terminal of its own. Reads one JSON document from standard input:
{"command": [...], "rows": 24, "columns": 80, "timeout": 20, "steps": [{"expect": REGEX, "send": TEXT}, ...]}
Each step waits until what has been printed since the last step matches, then types. Writes one JSON document:
{"printed": [what each step had waited for, and the rest], "code": exit code or null, "failed": the step that waited in vain}.
"""
import json, os, pty, re, select, signal, struct, sys, termios, time, fcntl

task = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(task["command"][0], task["command"])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", task["rows"], task["columns"], 0, 0))

deadline = time.monotonic() + task["timeout"]
printed, seen, failed, ended = [], "", None, False


def read():
    """Adds what is printed next to `seen`; False when nothing more can come."""
    global seen, ended
    left = deadline - time.monotonic()
    if left <= 0 or not select.select([terminal], [], [], left)[0]:
        return False
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        chunk = b""
    ended = chunk == b""
    seen += chunk.decode("utf8", "replace")
    return not ended


for index, step in enumerate(task["steps"]):
    while not re.search(step["expect"], seen) and read():
        pass
    if not re.search(step["expect"], seen):
        failed = index
        break
    printed.append(seen)
    seen = ""
    os.write(terminal, step["send"].encode())

while failed is None and read():
    pass
printed.append(seen)
if not ended:
    os.kill(pid, signal.SIGKILL)
status = os.waitpid(pid, 0)[1]
code = os.waitstatus_to_exitcode(status) if ended else None
json.dump({"printed": printed, "code": code, "failed": failed}, sys.stdout)
