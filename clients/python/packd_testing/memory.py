"""What a core of a process would hold."""


def memory(process):
    """All that the process may write, region by region."""
    with open(f"/proc/{process}/maps", encoding="ascii") as maps:
        regions = [line.split() for line in maps]
    with open(f"/proc/{process}/mem", "rb", buffering=0) as file:
        for region in regions:
            if "w" not in region[1]:
                continue
            start, end = (int(part, 16) for part in region[0].split("-"))
            file.seek(start)
            try:
                yield region, file.read(end - start)
            except OSError:
                # Reserved, and not there.
                continue
