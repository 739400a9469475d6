// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Puts the Merkle root of a log on the chain, with the time of the block. It keeps no state, has no owner and takes no money:
/// whoever may write to the log's server cannot take back what was anchored here.
contract Anchor {
    event Anchored(bytes32 indexed merkleRoot, uint256 timestamp);

    function anchor(bytes32 merkleRoot) external {
        emit Anchored(merkleRoot, block.timestamp);
    }
}
