// SPDX-License-Identifier: Apache-2.0

/// CRC-32, as zlib has it.
#[derive(Default)]
pub struct Checksum(u32);

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut entry = i as u32;
        let mut bit = 0;
        while bit < 8 {
            entry = entry >> 1 ^ if entry & 1 == 1 { 0xedb8_8320 } else { 0 };
            bit += 1;
        }
        table[i] = entry;
        i += 1;
    }
    table
};

impl Checksum {
    pub fn add(&mut self, bytes: &[u8]) {
        self.0 = !bytes.iter().fold(!self.0, |sum, byte| sum >> 8 ^ TABLE[((sum ^ *byte as u32) & 255) as usize]);
    }

    /// Its length, and then itself.
    pub fn add_text(&mut self, text: &[u8]) {
        self.add(&(text.len() as u32).to_le_bytes());
        self.add(text);
    }

    pub fn value(&self) -> u32 {
        self.0
    }
}
