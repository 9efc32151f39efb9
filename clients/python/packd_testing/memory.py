"""What a core of a process would hold."""

# Field 4 of a CreditCard, with wire type 2.
CVV_TAG = b"\x22"
MAX_SMALL_STRING_BYTES = 15


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


def small_string(text):
    """How a Swift String holds a short text: in itself and not on the heap, so that its bytes stand
    nowhere else (swiftlang/swift, StringObject.swift, "Small strings"). The last byte tells that,
    and the length; the high half of it 0xE for ASCII."""
    content = text.encode("ascii")
    assert len(content) <= MAX_SMALL_STRING_BYTES
    return content.ljust(MAX_SMALL_STRING_BYTES, b"\0") + bytes([0xE0 | len(content)])


def cvv_images(cvv):
    """Where a CVV is not just some number's digits: as the field it came in, and as a String."""
    content = cvv.encode("ascii")
    return [CVV_TAG + bytes([len(content)]) + content, small_string(cvv)]


def check_absent(regions, secrets):
    """Regions are of memory()."""
    for region, content in regions:
        for secret in secrets:
            assert secret not in content, (secret, region)
