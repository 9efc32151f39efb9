internal import JWTKit
internal import Configuration
internal import ArgumentParser
internal import NIOPosix
internal import NIOHTTP1
print("x")
